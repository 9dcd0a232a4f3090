import { type Logger, pino, stdTimeFunctions } from 'pino';
import { redactText } from '../core/redact.ts';

/** How long a line may wait for company before it is written. */
const flushMs = 200;
/** As much as the destination writes at once, nearly. */
const bufferBytes = 15 * 1024;

export interface AppLog {
  readonly logger: Logger;
  /** Writes what is still waiting. */
  flush(): void;
}

/** JSON lines on stderr. Lines are written together: one system call each would be the dearest part of a small request. */
export function createLog(level: string): AppLog {
  const destination = pino.destination({ dest: 2, sync: false, minLength: bufferBytes });
  const logger = pino(
    {
      level,
      base: null,
      // Whatever a line is made of, no secret leaves with it.
      hooks: { streamWrite: redactText },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  setInterval(() => destination.flush(), flushMs).unref();
  return { logger, flush: () => destination.flushSync() };
}

import { type Logger, pino } from 'pino';
import { redactText } from '../core/redact.ts';
import { utcTime } from '../core/utc-time.ts';

/** How long a line may wait for company before it is written. */
const flushMs = 200;
/** Lines that wait are written when they have so many characters together. */
const waitingCharsMax = 15 * 1024;

export interface AppLog {
  readonly logger: Logger;
  /** Writes what is still waiting. */
  flush(): void;
}

/**
 * JSON lines on stderr. Lines are joined and written together: one system call each would be the dearest part of a small request,
 * and a destination that joins them one by one measures what it has anew with each.
 */
export function createLog(level: string): AppLog {
  const destination = pino.destination({ dest: 2, sync: false });
  let waiting: string[] = [];
  let chars = 0;

  function pass(): void {
    if (chars === 0) return;
    destination.write(waiting.join(''));
    waiting = [];
    chars = 0;
  }

  function write(line: string): void {
    waiting.push(line);
    chars += line.length;
    if (chars >= waitingCharsMax) pass();
  }

  const logger = pino(
    {
      level,
      base: null,
      // Whatever a line is made of, no secret leaves with it.
      hooks: { streamWrite: redactText },
      timestamp: () => `,"time":"${utcTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  setInterval(pass, flushMs).unref();
  return {
    logger,
    flush() {
      pass();
      destination.flushSync();
    },
  };
}

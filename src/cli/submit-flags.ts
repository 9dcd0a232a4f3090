import { parseDuration } from '../core/durations.ts';
import { serverOf } from './open-client.ts';
import { UsageError } from './usage-error.ts';

/** What `coatcheck submit` was asked for, checked. */
export interface SubmitFlags {
  readonly service: string;
  readonly server: string;
  readonly wait: boolean;
  readonly output: string | null;
  readonly json: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number | null;
  readonly fresh: boolean;
  readonly timeoutMs: number | null;
}

/** For a flag that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Throws `UsageError`. */
export function readSubmitFlags(given: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): SubmitFlags {
  const text = (name: string): string | null => (typeof given[name] === 'string' ? given[name] : null);
  const timeout = text('timeout');
  const timeoutMs = timeout === null ? null : parseDuration(timeout);
  if (timeout !== null && timeoutMs === null)
    throw new UsageError(`--timeout must be a duration such as 90s or 10m, not "${timeout}".`);
  const priority = text('priority');
  if (priority !== null && !/^-?\d{1,3}$/.test(priority))
    throw new UsageError(`--priority must be a whole number, not "${priority}".`);
  const output = text('output');
  if (output === '-' && given.json === true)
    throw new UsageError('--json and "--output -" both want standard output; use one of them.');
  return {
    service: text('service') ?? '',
    server: serverOf(given.server, env),
    wait: given.wait === true,
    output,
    json: given.json === true,
    labels: readLabels(given.label),
    priority: priority === null ? null : Number(priority),
    fresh: given.fresh === true,
    timeoutMs,
  };
}

function readLabels(given: unknown): Record<string, string> {
  const pairs = Array.isArray(given) ? given.map(String) : [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--label must be written as key=value, not "${pair}".`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

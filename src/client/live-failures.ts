import { ConnectionError } from './connection-error.ts';
import { ProblemError } from './problem-error.ts';
import { type Connection, readNothing, send } from './send.ts';

/** Whether it is the network, or a proxy in it, that does not let this through; what our server says has a slug. */
export function isOfTheWay(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ProblemError && error.slug === null);
}

/** Whether what the server said may be over at the next try. */
export function mayPass(error: unknown): boolean {
  return error instanceof ProblemError && error.status >= 500;
}

/** Whether the server can be reached at all. */
export async function answers(connection: Connection, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const once = { ...connection, retry: { ...connection.retry, attemptsMax: 1 } };
    await send(once, { method: 'GET', path: '/livez', repeatable: true, timeoutMs: 10_000, signal }, readNothing);
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof ProblemError;
  }
}

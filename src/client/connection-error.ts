/** No answer came, however often it was tried: the server cannot be reached, or the connection was lost. */
export class ConnectionError extends Error {
  readonly url: string;
  readonly attempts: number;

  constructor(url: string, attempts: number, cause: unknown) {
    super(`No answer from ${url} (${innermost(cause)}); tried ${attempts === 1 ? 'once' : `${attempts} times`}.`, { cause });
    this.name = 'ConnectionError';
    this.url = url;
    this.attempts = attempts;
  }
}

/** `fetch` hides what happened in the cause of its error. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  return error.cause === undefined ? error.message : innermost(error.cause);
}

import type { FieldProblem, Problem } from '../contracts/problem.ts';

/** The server answered with an error: its problem document (RFC 9457) as an error that can be thrown. */
export class ProblemError extends Error {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string | null;
  /** Under this id the request is in the log of the server. */
  readonly traceId: string | null;
  /** The fields that are wrong, if that is what is wrong. */
  readonly errors: readonly FieldProblem[];
  /** When the server says that it makes sense to try again. */
  readonly retryAfterMs: number | null;

  constructor(problem: Partial<Problem> & { status: number }, retryAfterMs: number | null = null) {
    const title = problem.title ?? `HTTP status ${problem.status}`;
    super(problem.detail ?? title);
    this.name = 'ProblemError';
    this.type = problem.type ?? 'about:blank';
    this.title = title;
    this.status = problem.status;
    this.detail = problem.detail ?? title;
    this.instance = problem.instance ?? null;
    this.traceId = problem.traceId ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = retryAfterMs;
  }

  /** The name of the kind of error (`payload-too-large`), or null where it was not our server that answered. */
  get slug(): string | null {
    return /\/problems\/([a-z0-9-]+)$/.exec(this.type)?.[1] ?? null;
  }
}

/** Makes an error of an answer that is not 2xx; an answer without a problem document (of a proxy, say) keeps its status. */
export async function problemErrorOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  const retryAfterMs = retryAfter(response.headers.get('retry-after'), Date.now());
  return new ProblemError({ ...problemIn(response, text), status: response.status }, retryAfterMs);
}

function problemIn(response: Response, text: string): Partial<Problem> {
  const proxy = { title: response.statusText || `HTTP status ${response.status}` };
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return proxy;
  try {
    // Our server writes every problem from the schema of this type.
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    // A problem document that was cut: the status is all that is known.
    return proxy;
  }
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

import type { ApiDescription } from './api-description.ts';
import { type Call, call, type RawAnswer } from './http-server.ts';

export interface ModelJob {
  readonly id: string;
  /** The stored file that it works on, where that has a life of its own. */
  readonly file: ModelFile | null;
  /** Whether it waits for a time that does not come; a retry starts at once. */
  waits: boolean;
  deleted: boolean;
  /** Canceled, and not retried since: nothing else may become of it. */
  canceled: boolean;
}

export interface ModelFile {
  readonly id: string;
  deleted: boolean;
}

/** A POST with an idempotency key, and its first answer. */
export interface Replay {
  readonly path: string;
  readonly sent: Call;
  readonly first: RawAnswer;
}

/** What must be true after the calls so far. */
export interface Model {
  readonly jobs: ModelJob[];
  readonly files: ModelFile[];
  readonly actions: string[];
  readonly replays: Replay[];
}

/** The server, and how the calls went. */
export interface Calls {
  readonly url: string;
  readonly api: ApiDescription;
  /** Marks the jobs of one session. */
  readonly run: string;
  readonly tally: { requests: number; freed: number; wrongKinds: number };
}

export interface Told extends RawAnswer {
  readonly json: Record<string, unknown>;
  readonly problem: string | null;
}

/** Sends a request of an operation; throws where the answer is not as the description says, or is a fault of the server. */
export async function ask(calls: Calls, operationId: string, path: string, sent: Call = {}): Promise<Told> {
  const operation = calls.api.operations.find((each) => each.operationId === operationId);
  if (operation === undefined) throw new Error(`there is no operation ${operationId}`);
  calls.tally.requests += 1;
  const answer = await call(calls.url + path, { ...sent, method: operation.method });
  const faults = calls.api.faultsOf(operation, answer);
  if (faults.length > 0 || answer.status >= 500)
    throw new Error(`${operation.method} ${path} ${answer.status}: ${faults.join('; ')} ${answer.body.slice(0, 300)}`);
  const json = answer.body.startsWith('{') ? JSON.parse(answer.body) : {};
  return { ...answer, json, problem: answer.status < 400 ? null : json.type };
}

export const asJson = (value: object, headers: Readonly<Record<string, string>> = {}): Call => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

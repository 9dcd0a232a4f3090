import { ProblemError } from '../client/client.ts';

/** Why something failed, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof ProblemError) return `${error.title}. ${error.detail}`;
  return error instanceof Error ? error.message : String(error);
}

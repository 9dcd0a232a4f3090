import { ProblemError } from '../client/client.ts';
import { messageOf } from '../core/message-of.ts';

/** Why something failed, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof ProblemError) return `${error.title}. ${error.detail}`;
  return messageOf(error);
}

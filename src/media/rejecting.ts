import type { ErrorCode } from '../core/errors.ts';

const rejecting: ReadonlySet<ErrorCode> = new Set([
  'unprocessable-media',
  'media-limits-exceeded',
  'unsupported-media-type',
  'password-required',
  'wrong-password',
  'validation-error',
  'language-not-installed',
]);

/** Whether an error tells what is wrong with a file or with what was asked of it, so that no other attempt would help. */
export function isRejecting(code: ErrorCode): boolean {
  return rejecting.has(code);
}

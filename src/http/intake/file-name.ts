import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';

/** Control characters, and those that turn the direction of text around, which make `gpj.exe` read like `exe.jpg`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const forbidden = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/u;

/**
 * The name of a file as a client gave it, without any folders. It is only ever shown, never a path of ours. Null where there
 * is none; throws `validation-error` for one that is too long, is all dots, or holds characters that deceive.
 */
export function cleanFileName(given: string | null | undefined, pointer = '#/source/name'): string | null {
  if (given === null || given === undefined || given === '') return null;
  const name = given.split(/[/\\]/).at(-1)?.trim() ?? '';
  const wrong = problemOf(name);
  if (wrong !== null)
    throw new ServiceError('validation-error', `The file name ${wrong}.`, { fields: [{ pointer, detail: wrong }] });
  return name.replace(/^[A-Za-z]:/, '') || null;
}

function problemOf(name: string): string | null {
  if ([...name].length > limits.fileNameCharsMax) return `has more than ${limits.fileNameCharsMax} characters`;
  if (forbidden.test(name)) return 'has control characters';
  if (/\p{Surrogate}/u.test(name)) return 'is not well-formed Unicode';
  if (/^[. ]*$/.test(name)) return 'has no letters';
  return null;
}

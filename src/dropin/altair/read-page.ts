import { ServiceError } from '../../core/errors.ts';
import type { DropInRequest } from '../../http/drop-in.ts';

const wholeNumber = /^\s*[+-]?\d{1,15}\s*$/;

/** Which part of the list a client asks for: `limit` of 0 where it is none. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** Throws `bad-request` for what is no number. A page before the first is as empty as one behind the last. */
export function readPage(query: DropInRequest['query']): Page {
  const page = numberIn(query, 'page', 1);
  const size = numberIn(query, 'page_size', 50);
  const offset = (page - 1) * size;
  if (page < 1 || size < 1 || !Number.isSafeInteger(offset)) return { offset: 0, limit: 0 };
  return { offset, limit: size };
}

/** Of a parameter that comes several times the last one counts, as it did. */
export function textIn(query: DropInRequest['query'], name: string): string | undefined {
  return [query[name] ?? []].flat().at(-1);
}

function numberIn(query: DropInRequest['query'], name: string, fallback: number): number {
  const text = textIn(query, name);
  if (text === undefined) return fallback;
  if (wholeNumber.test(text)) return Number(text);
  throw new ServiceError('bad-request', `${name} must be a whole number`);
}

import { ServiceError } from '../core/errors.ts';

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Thrown with `range-not-satisfiable`: the answer must tell how long the file is. */
export class RangeError416 extends ServiceError {
  readonly bytes: number;

  constructor(bytes: number) {
    super('range-not-satisfiable', `The file has ${bytes} bytes.`);
    this.bytes = bytes;
  }
}

/**
 * The part of a file that a Range header asks for; null for the whole file: no header, another unit, several ranges, or what
 * is no range at all (RFC 9110, section 14.2). Throws for a range that lies outside.
 */
export function byteRange(header: string | undefined, bytes: number): ByteRange | null {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    if (length === 0) throw new RangeError416(bytes);
    return { start: bytes - length, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (start >= bytes || start > end) throw new RangeError416(bytes);
  return { start, end };
}

/** Whether an If-None-Match header names the entity tag; weak comparison, as the RFC wants for it. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

import { ServiceError } from '../../core/errors.ts';
import { sniff, sniffBytes } from './sniff.ts';

/** Letters of both alphabets, padding and the white space that mail and terminals put between. */
const base64Text = /^[A-Za-z0-9+/_\-=\s]+$/;
const strictQuads = /^[A-Za-z0-9+/]*={0,2}$/;

/** Whether a body is base64 text of a file of a known kind, told by its first bytes. */
export async function isBase64Of(head: Buffer): Promise<boolean> {
  const text = head.toString('latin1');
  if (!base64Text.test(text)) return false;
  const decoded = Buffer.from(text.replace(/\s+/g, '').slice(0, sniffBytes), 'base64');
  const type = await sniff(decoded);
  return type !== null && type !== 'text/plain';
}

/**
 * Decodes base64 text that comes in chunks: both alphabets, with or without padding and line breaks. Throws
 * `malformed-base64` for anything else, for text behind the padding and for a length that no bytes have.
 */
export class Base64Decoder {
  #rest = '';
  #padded = false;

  write(chunk: Buffer | string): Buffer {
    const text = (typeof chunk === 'string' ? chunk : chunk.toString('latin1'))
      .replace(/\s+/g, '')
      .replace(/-/g, '+')
      .replace(/_/g, '/');
    if (text === '') return Buffer.alloc(0);
    if (this.#padded && /[^=]/.test(text)) throw malformed('There is text behind the padding.');
    const all = this.#rest + text;
    if (!strictQuads.test(all)) throw malformed('It has characters that base64 does not have.');
    this.#padded = all.endsWith('=');
    const whole = all.length - (all.length % 4);
    this.#rest = all.slice(whole);
    // What is decoded must not hold padding that a later chunk goes on with.
    return decode(all.slice(0, whole));
  }

  end(): Buffer {
    const rest = this.#rest;
    if (rest.length === 1 || (rest !== '' && rest.includes('='))) throw malformed('Its length is not that of any bytes.');
    return decode(rest);
  }
}

/** The bytes of base64 text in a stream. */
export async function* decodeBase64(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new Base64Decoder();
  for await (const chunk of text) {
    const bytes = decoder.write(chunk);
    if (bytes.length > 0) yield bytes;
  }
  const last = decoder.end();
  if (last.length > 0) yield last;
}

/** The bytes of a base64 string in slices, so that no second copy of all of it is made. */
export async function* decodeBase64String(text: string): AsyncGenerator<Buffer> {
  const decoder = new Base64Decoder();
  const sliceChars = 256 * 1024;
  for (let at = 0; at < text.length; at += sliceChars) {
    const bytes = decoder.write(text.slice(at, at + sliceChars));
    if (bytes.length > 0) yield bytes;
  }
  const last = decoder.end();
  if (last.length > 0) yield last;
}

function decode(quads: string): Buffer {
  return Buffer.from(quads, 'base64');
}

function malformed(why: string): ServiceError {
  return new ServiceError('malformed-base64', `The text is not valid base64. ${why}`);
}

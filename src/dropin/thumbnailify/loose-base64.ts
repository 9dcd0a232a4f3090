import { ServiceError } from '../../core/errors.ts';

/**
 * The bytes of base64 text in a stream, read as loosely as Thumbnailify's Python read it (`binascii.a2b_base64` without `validate`),
 * since its clients send line breaks and whatever their libraries add: characters that base64 does not have are passed over, padding
 * where none can be too, and what stands behind the padding that ends the text. Throws `malformed-base64` for a text that ends in the
 * middle of a byte, and for bytes that are no ASCII: those are a file that was sent as it is.
 */
export async function* decodeLooseBase64(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new LooseBase64Decoder();
  for await (const chunk of text) {
    const bytes = decoder.write(chunk);
    if (bytes.length > 0) yield bytes;
  }
  decoder.end();
}

const notAscii = /[\x80-\xff]/;
const foreign = /[^A-Za-z0-9+/=]+/g;

class LooseBase64Decoder {
  /** Letters that are not a whole group of four yet. */
  #rest = '';
  /** Whether one padding stands behind two letters: with another one it ends the text. */
  #isPadded = false;
  #hasEnded = false;

  write(chunk: Buffer): Buffer {
    const text = chunk.toString('latin1');
    if (notAscii.test(text)) throw undecodable();
    if (this.#hasEnded) return Buffer.alloc(0);
    const letters = this.#rest + this.#unpadded(text.replace(foreign, ''));
    const whole = this.#hasEnded ? letters.length : letters.length - (letters.length % 4);
    this.#rest = letters.slice(whole);
    return Buffer.from(letters.slice(0, whole), 'base64');
  }

  /** Throws where the text ended too early. */
  end(): void {
    if (!this.#hasEnded && this.#rest !== '') throw undecodable();
  }

  /** The letters up to the padding that ends the text; any other padding is left out. */
  #unpadded(text: string): string {
    const parts: string[] = [];
    let letters = this.#rest.length;
    let at = 0;
    for (let padding = text.indexOf('='); padding !== -1; padding = text.indexOf('=', at)) {
      if (padding > at) this.#isPadded = false;
      parts.push(text.slice(at, padding));
      letters += padding - at;
      at = padding + 1;
      if (letters % 4 === 3 || this.#isPadded) {
        this.#hasEnded = true;
        return parts.join('');
      }
      this.#isPadded = letters % 4 === 2;
    }
    if (at < text.length) this.#isPadded = false;
    return parts.concat(text.slice(at)).join('');
  }
}

function undecodable(): ServiceError {
  return new ServiceError('malformed-base64', 'Unable to base64 decode. Invalid base64-encoded image body');
}

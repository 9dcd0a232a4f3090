import { createHash } from 'node:crypto';
import { formatBytes } from '../core/byte-sizes.ts';
import { ServiceError } from '../core/errors.ts';

/** Counts and hashes the bytes of an upload on their way into a blob store, and refuses those past the limit. */
export class BlobMeter {
  readonly #bytesMax: number;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Throws `payload-too-large` for the first chunk that does not fit any more. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#bytesMax) throw tooLarge(this.#bytes, this.#bytesMax);
    this.#hash.update(chunk);
  }

  /** What went through; the sha256 in lower-case hex. To be called once. */
  end(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

function tooLarge(bytes: number, bytesMax: number): ServiceError {
  // Rounded sizes that read the same would puzzle: then both are told to the byte.
  const rounded = formatBytes(bytes) !== formatBytes(bytesMax);
  const [size, limit] = rounded ? [formatBytes(bytes), formatBytes(bytesMax)] : [`${bytes} bytes`, `${bytesMax} bytes`];
  return new ServiceError(
    'payload-too-large',
    `The upload has at least ${size}; the limit is ${limit}. Send less, or raise the limit with COATCHECK_UPLOAD_BYTES_MAX.`,
  );
}

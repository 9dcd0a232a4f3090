import type { Readable } from 'node:stream';

/** Where bytes lie. A blob never changes; it has an id of ours, and nothing of the client's names is ever part of it. */
export interface BlobStore {
  /**
   * Stores a stream under a new id. When the promise resolves the bytes survive a power failure. If the stream fails, is
   * aborted, or has more than `bytesMax` bytes (`payload-too-large`), nothing is left behind. Memory use does not depend on the size.
   */
  put(source: AsyncIterable<Uint8Array>, options: { bytesMax: number; signal?: AbortSignal }): Promise<StoredBlob>;
  /** Bytes `start` to `end`, both inclusive; all of them without a range. Rejects with `not-found` before the first byte. */
  open(id: string, range?: { start: number; end: number }): Promise<Readable>;
  /**
   * Makes a blob readable at a local path where nothing is yet. It may be the very file of the store: whoever gets to see the
   * path must not be able to write there. Removing it again does not harm the blob.
   */
  placeAt(id: string, path: string): Promise<void>;
  /** Removing what is not there is no error. */
  remove(id: string): Promise<void>;
  /** Blobs that are at least `ageMs` old, in pages; for finding what no record refers to. */
  older(ageMs: number): AsyncIterable<string[]>;
  /** Removes what interrupted uploads left behind; called once at start, before anything is written. */
  sweep(): Promise<number>;
  /** Bytes in all blobs are not known here; bytes that are free where they lie are, or null where there is no such figure. */
  freeBytes(): Promise<number | null>;
  /** Throws where the store cannot be written: `insufficient-storage` where it is full, else `service-unavailable`. */
  check(): Promise<void>;
}

export interface StoredBlob {
  readonly id: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

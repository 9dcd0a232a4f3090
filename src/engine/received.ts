import type { PictureSize } from '../core/job.ts';
import type { StoredBlob } from '../ports/blob-store.ts';
import type { Service } from '../ports/service.ts';
import type { FetchedSource } from '../ports/source-fetcher.ts';

/** Bytes that came in: stored already, or small and still to be stored with the commit that refers to them. */
export interface ReceivedBlob extends StoredBlob {
  readonly content: Uint8Array | null;
}

export interface Storage {
  /** Takes bytes in, larger ones into the blob store; a commit must refer to them, else `discard` must take them away. */
  receive(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ReceivedBlob>;
  discard(blob: ReceivedBlob): Promise<void>;
}

/** Bytes that have just come in and what was found out about them on the way. */
export interface NewInput {
  readonly blob: ReceivedBlob;
  readonly name: string | null;
  /** As sniffed, never as declared. */
  readonly mediaType: string;
  readonly picture: PictureSize | null;
}

/** Stores what was fetched for a service; throws what an upload of the same bytes would be refused with, and what the bytes throw. */
export type ReceiveFetched = (storage: Storage, fetched: FetchedSource, service: Service) => Promise<NewInput>;

/** Fetches what a link leads to, and refuses links that lead to where the outside has no business. */
export interface SourceFetcher {
  /**
   * The link in the spelling in which it will be fetched. Throws `source-not-allowed` or `validation-error` by its spelling
   * alone: nothing is asked of the network.
   */
  check(url: string): string;
  /**
   * Resolves when the headers have come; every connection was made to an address that had been checked. Rejects with
   * `source-not-allowed`, `source-timeout`, `source-too-large`, `source-fetch-failed` or `too-many-redirects`, whose `retryable`
   * and `retryAfterSeconds` say whether and when to try again, or with the reason of the signal; and so do the bytes.
   */
  fetch(url: string, options: { readonly bytesMax: number; readonly signal: AbortSignal }): Promise<FetchedSource>;
}

/** An answer whose bytes are still to be read, which lets go of the connection; or `close` does. */
export interface FetchedSource {
  /** Decoded; at most `bytesMax` of them come. */
  readonly bytes: AsyncIterable<Buffer>;
  /** How many there will be, where the server tells. */
  readonly totalBytes: number | null;
  /** As declared, in lower case without parameters. */
  readonly mediaType: string | null;
  /** The Content-Disposition header. */
  readonly disposition: string | null;
  /** The last part of the path of the link that gave the bytes, where there is one. */
  readonly pathName: string | null;
  close(): void;
}

import type { Rate } from '../core/rate.ts';

/** What the HTTP server is told by the settings of the program. */
export interface HttpSettings {
  /** The address that it will listen on: one of its names. */
  readonly host: string;
  readonly publicUrl?: string | null;
  readonly trustProxy: boolean;
  readonly uploadBytesMax: number;
  /** Requests of each client address; null for no limit. */
  readonly clientRate: Rate | null;
  /** No authentication: only own names and pages are served. */
  readonly openMode: boolean;
}

import type { GlassType, PouredBeer, TapCount } from '../core/beer.ts';
import type { DocumentEvent } from '../core/events.ts';

/** The taps as whoever stands before them (HTTP, MQTT, drop-ins) sees them. All calls reject with a `ServiceError`. */
export interface Taps {
  /**
   * Durable, and in the log that is told live, when it resolves. Throws `reading-conflict` and `reading-removed`, `overloaded`,
   * `insufficient-storage`, and what an outage throws.
   */
  pour(pour: NewPour): Promise<Poured>;
  /** Throws `not-found`. */
  beer(id: string): Promise<PouredBeer>;
  /** By its number; null where there is none. */
  numbered(number: number): Promise<PouredBeer | null>;
  /** A page of the beers that match, newest first unless told otherwise, and how many match in all. */
  beers(query: BeerQuery): Promise<{ readonly beers: PouredBeer[]; readonly total: number }>;
  /** Gives the beer that is gone now. Throws `not-found`. */
  remove(id: string): Promise<PouredBeer>;
  /** In the order of their first beers. */
  counts(): Promise<TapCount[]>;
  /** Has the shares of the taps told now, besides the reports that come by themselves: `taps.report` in the log, exact at its place. */
  tellShares(): Promise<void>;
  /** What has happened to beers, in order, from behind a position of the log on, at most `limit` lines. */
  log(after: number, limit: number): Promise<DocumentEvent[]>;
  /** Who reads on from below this position of the log has missed something. */
  logPruned(): Promise<number>;
}

/** Checked: the volume fits a glass. */
export interface NewPour {
  readonly tapId: number;
  readonly volume: number;
  /** Of the pours of a tap with the same reading, one is made. */
  readonly readingId?: string;
  /** Milliseconds since the epoch; now where it is not told. */
  readonly pouredAt?: number;
  /** Stands for the whole request: of pours without a reading and with the same key, one is made. */
  readonly requestKey?: string;
}

export interface Poured {
  readonly beer: PouredBeer;
  /** False where this reading or request had made it before. */
  readonly isNew: boolean;
}

export interface BeerQuery {
  readonly type?: GlassType;
  readonly tapId?: number;
  /** Poured at this time or later, and before this time. */
  readonly from?: number;
  readonly to?: number;
  readonly order?: 'rising' | 'falling';
  readonly offset: number;
  readonly limit: number;
}

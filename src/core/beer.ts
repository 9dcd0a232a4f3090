/** The glasses by their size: each holds up to its most, in millilitres. */
const glasses = [
  { type: 'half', volumeMax: 300 },
  { type: 'pint', volumeMax: 800 },
  { type: 'stein', volumeMax: 1000 },
] as const;

export type GlassType = (typeof glasses)[number]['type'];
export const glassTypes: readonly GlassType[] = glasses.map(({ type }) => type);

/** What a tap can pour, in millilitres. */
export const volumeMin = 100;
export const volumeMax = 1000;

/** The collection of documents in which beers lie, and which their events name. */
export const beersCollectionName = 'beers';

/** A beer that was poured. */
export interface PouredBeer {
  readonly id: string;
  /** Rises by one a beer, from 0 on. */
  readonly number: number;
  readonly tapId: number;
  /** Millilitres. */
  readonly volume: number;
  readonly type: GlassType;
  /** When it was poured, in milliseconds since the epoch. */
  readonly at: number;
}

/** How many beers of a tap there are. */
export interface TapCount {
  readonly tapId: number;
  readonly beers: number;
}

/** The smallest glass that holds a volume, which lies between `volumeMin` and `volumeMax`; null where there is none. */
export function glassOf(volume: number): GlassType | null {
  if (!(volume >= volumeMin)) return null;
  return glasses.find((glass) => volume <= glass.volumeMax)?.type ?? null;
}

/** The part of all beers that each tap has poured. */
export function sharesOf(counts: readonly TapCount[]): { total: number; taps: (TapCount & { share: number })[] } {
  const total = counts.reduce((sum, { beers }) => sum + beers, 0);
  return { total, taps: counts.map(({ tapId, beers }) => ({ tapId, beers, share: total === 0 ? 0 : beers / total })) };
}

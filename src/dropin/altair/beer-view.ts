import type { PouredBeer } from '../../core/beer.ts';

/** A beer as Altair gave it. Its id is the number that the beer has among all that were poured, from 0 on. */
export function beerView({ number, type, volume, at, tapId }: PouredBeer): object {
  return { id: number, type, volume, timestamp: naiveUtc(at), tapId };
}

/** As Python's `utcnow().isoformat()`: microseconds, and no zone. */
function naiveUtc(at: number): string {
  return new Date(at).toISOString().replace('Z', '000');
}

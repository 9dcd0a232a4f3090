import type { TapView } from '../../contracts/beers.ts';
import { sharesOf } from '../../core/beer.ts';
import type { Taps } from '../../ports/taps.ts';

/** Taps that have poured, then those that are only connected; `sockets` tells how many sockets say that they are which tap. */
export async function tapViews(taps: Taps, sockets: ReadonlyMap<number, number>): Promise<TapView[]> {
  const poured = sharesOf(await taps.counts()).taps.map((tap) => ({ ...tap, sockets: sockets.get(tap.tapId) ?? 0 }));
  const known = new Set(poured.map(({ tapId }) => tapId));
  const others = [...sockets].filter(([tapId]) => !known.has(tapId));
  return [...poured, ...others.map(([tapId, count]) => ({ tapId, beers: 0, share: 0, sockets: count }))];
}

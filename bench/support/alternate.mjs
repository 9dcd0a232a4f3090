import { median } from './statistics.mjs';

/**
 * Measures two sides by turns (A B, B A, A B, …), so that a slow minute of the machine hits both. Each side is a function that
 * resolves with one figure; the ratio is the median of the ratios of the rounds, ours by the peer's.
 */
export async function alternate(rounds, ours, peer) {
  const figures = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 === 0 ? ['ours', 'peer'] : ['peer', 'ours'];
    for (const side of turns) figures[side].push(await (side === 'ours' ? ours(round) : peer(round)));
  }
  const ratios = figures.ours.map((value, round) => value / figures.peer[round]);
  return { ours: median(figures.ours), peer: median(figures.peer), ratio: median(ratios), ratios };
}

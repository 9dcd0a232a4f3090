import type { Area } from './frame.ts';

/** Parts with white of at least `gap` between them, from left to right or from top to bottom. */
export function cut<T extends Area>(areas: readonly T[], from: 'left' | 'top', to: 'right' | 'bottom', gap: number): T[][] {
  const parts: T[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const area of areas.toSorted((a, b) => a[from] - b[from])) {
    const part = parts.at(-1);
    if (part !== undefined && area[from] < end + gap) part.push(area);
    else parts.push([area]);
    end = Math.max(end, area[to]);
  }
  return parts;
}

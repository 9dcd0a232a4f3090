/** What hangs together: a letter, or several that touch. In pixels; right and bottom are beyond it. */
export interface InkPiece {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The pieces of a mask, at most `most` of them. The mask is used up. */
export function inkPieces(mask: Uint8Array, width: number, most: number): InkPiece[] {
  const pieces: InkPiece[] = [];
  const waiting: number[] = [];
  const take = (at: number) => {
    if (mask[at] !== 1) return;
    mask[at] = 0;
    waiting.push(at);
  };
  for (let start = mask.indexOf(1); start >= 0 && pieces.length < most; start = mask.indexOf(1, start + 1)) {
    take(start);
    let [left, right, top, bottom] = [width, 0, Number.POSITIVE_INFINITY, 0];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (const row of [at - width, at, at + width]) {
        if (x > 0) take(row - 1);
        take(row);
        if (x < width - 1) take(row + 1);
      }
    }
    pieces.push({ left, top, right, bottom });
  }
  return pieces;
}

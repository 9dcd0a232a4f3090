/** Where things lie in the frame in which a page is read: points, x to the right and y down, lines of text lying. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type QuarterTurn = 0 | 90 | 180 | 270;

/** A box of the page as [x, y, width, height], after the page was turned clockwise. */
export function turned(
  [x, y, width, height]: readonly [number, number, number, number],
  turn: QuarterTurn,
  page: { readonly width: number; readonly height: number },
): Area {
  if (turn === 90) return area(page.height - y - height, x, height, width);
  if (turn === 180) return area(page.width - x - width, page.height - y - height, width, height);
  if (turn === 270) return area(y, page.width - x - width, height, width);
  return area(x, y, width, height);
}

/** From the turned frame back to the page as it is shown: [x, y, width, height]. */
export function turnedBack(
  { left, top, right, bottom }: Area,
  turn: QuarterTurn,
  page: { readonly width: number; readonly height: number },
): [number, number, number, number] {
  const [width, height] = [right - left, bottom - top];
  if (turn === 90) return [top, page.height - right, height, width];
  if (turn === 180) return [page.width - right, page.height - bottom, width, height];
  if (turn === 270) return [page.width - bottom, left, height, width];
  return [left, top, width, height];
}

function area(left: number, top: number, width: number, height: number): Area {
  return { left, top, right: left + width, bottom: top + height };
}

/** The smallest area around all; of none, nothing at the corner. */
export function around(areas: readonly Area[]): Area {
  const [first] = areas;
  if (first === undefined) return { left: 0, top: 0, right: 0, bottom: 0 };
  let { left, top, right, bottom } = first;
  for (const each of areas) {
    left = Math.min(left, each.left);
    top = Math.min(top, each.top);
    right = Math.max(right, each.right);
    bottom = Math.max(bottom, each.bottom);
  }
  return { left, top, right, bottom };
}

/** Whether the middle of one lies in the other. */
export function isWithin(inner: Area, outer: Area): boolean {
  const [x, y] = [(inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2];
  return x >= outer.left && x <= outer.right && y >= outer.top && y <= outer.bottom;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Where a document stands in a list: by the member that orders its collection, then by its number. */
export interface ListKey {
  readonly place: number;
  readonly number: number;
}

/** Before every document. */
export const firstKey: ListKey = { place: Number.MIN_SAFE_INTEGER, number: -1 };
/** Behind every place. */
export const placeEnd = Number.MAX_SAFE_INTEGER + 1;
export const endKey: ListKey = { place: placeEnd, number: -1 };

export function compareKeys(a: ListKey, b: ListKey): number {
  return a.place - b.place || a.number - b.number;
}

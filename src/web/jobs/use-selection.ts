import { useEffect, useRef, useState } from 'preact/hooks';

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** All that match the filter, shown or not. */
  readonly isAll: boolean;
  /** Chooses a row or takes it back; as a range, all rows from the last one that was chosen. */
  toggle(id: string, isRange: boolean): void;
  /** All of these rows, or none. */
  setAll(ids: readonly string[]): void;
  matchAll(): void;
  clear(): void;
}

const nothing = { ids: new Set<string>(), isAll: false };

/** Which of the rows `order` are chosen; nothing any more when `key` changes. */
export function useSelection(order: readonly string[], key: string): Selection {
  const [chosen, setChosen] = useState<{ ids: ReadonlySet<string>; isAll: boolean }>(nothing);
  const last = useRef<string | null>(null);
  useEffect(() => {
    setChosen(nothing);
    last.current = null;
  }, [key]);

  function toggle(id: string, isRange: boolean): void {
    const from = isRange && last.current !== null ? order.indexOf(last.current) : -1;
    const to = order.indexOf(id);
    const range = from === -1 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
    last.current = id;
    setChosen(({ ids, isAll }) => {
      const next = new Set(isAll ? order : ids);
      const isOn = !next.has(id);
      for (const each of range) {
        if (isOn) next.add(each);
        else next.delete(each);
      }
      return { ids: next, isAll: false };
    });
  }

  return {
    ...chosen,
    toggle,
    setAll: (ids) => setChosen({ ids: new Set(ids), isAll: false }),
    matchAll: () => setChosen({ ids: new Set(order), isAll: true }),
    clear: () => setChosen(nothing),
  };
}

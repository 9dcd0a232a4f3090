import { useCallback, useEffect, useState } from 'preact/hooks';

/**
 * A value that stands in the query of the address, so that a reload and a shared link keep it; null where it does not.
 * It replaces the entry of the browser's history: Back leads to the page before, not through every choice on this one.
 * Without a name the value is kept while the part is shown.
 */
export function useUrlParameter(name: string | null): [value: string | null, set: (value: string | null) => void] {
  const [value, setValue] = useState(() => read(name));
  useEffect(() => {
    if (name === null) return;
    const moved = () => setValue(read(name));
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, [name]);
  const set = useCallback(
    (next: string | null) => {
      if (name !== null) write(name, next);
      setValue(next);
    },
    [name],
  );
  return [value, set];
}

function read(name: string | null): string | null {
  return name === null ? null : new URLSearchParams(location.search).get(name);
}

function write(name: string, value: string | null): void {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, '', url);
}

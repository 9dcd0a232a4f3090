import { useEffect } from 'preact/hooks';

/** Names the page in the tab of the browser, and for those who hear it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Coatcheck`;
  }, [title]);
}

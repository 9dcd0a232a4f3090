import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** How large a page is shown: times the width of the part that shows it, or as a whole. */
export type Zoom = number | 'page';

/** Keeps what stands in the middle of the port there while the zoom changes. */
export function useZoom(): { zoom: Zoom; setZoom(zoom: Zoom): void; port: RefObject<HTMLDivElement | null> } {
  const [zoom, setZoom] = useState<Zoom>(1);
  const port = useRef<HTMLDivElement>(null);
  const middle = useRef({ x: 0.5, y: 0 });
  useLayoutEffect(() => {
    const { current } = port;
    if (current === null) return;
    current.scrollLeft = middle.current.x * current.scrollWidth - current.clientWidth / 2;
    current.scrollTop = middle.current.y * current.scrollHeight - current.clientHeight / 2;
  }, [zoom]);
  return {
    zoom,
    setZoom(next) {
      const { current } = port;
      if (current !== null) middle.current = middleOf(current);
      setZoom(next);
    },
    port,
  };
}

/** As shares of all there is to scroll. */
function middleOf(port: HTMLElement): { x: number; y: number } {
  return {
    x: (port.scrollLeft + port.clientWidth / 2) / port.scrollWidth,
    y: (port.scrollTop + port.clientHeight / 2) / port.scrollHeight,
  };
}

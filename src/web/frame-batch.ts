import { useEffect, useRef } from 'preact/hooks';

/** A page that nobody looks at gets no frames. */
const hiddenMs = 500;

/** Collects what happens and tells it once a frame, all at once: a thousand events a second are one update a frame. */
export class FrameBatch<T> {
  #waiting: T[] = [];
  readonly #listeners = new Set<(events: readonly T[]) => void>();

  add(event: T): void {
    if (this.#waiting.push(event) === 1) soon(() => this.#tell());
  }

  /** Calls `listener` with what has happened since the last frame, for as long as the part is shown. */
  useEvents(listener: (events: readonly T[]) => void): void {
    const latest = useRef(listener);
    latest.current = listener;
    useEffect(() => {
      const heard = (events: readonly T[]) => latest.current(events);
      this.#listeners.add(heard);
      return () => void this.#listeners.delete(heard);
    }, []);
  }

  #tell(): void {
    const events = this.#waiting;
    this.#waiting = [];
    for (const listener of this.#listeners) listener(events);
  }
}

function soon(run: () => void): void {
  if (document.hidden) setTimeout(run, hiddenMs);
  else requestAnimationFrame(run);
}

/** Calls every listener; what one of them throws goes to `onError`, so that it harms neither the others nor the caller. */
export function callAll<T>(listeners: Iterable<(value: T) => void>, value: T, onError: (error: unknown) => void): void {
  // A copy: a listener may end its own subscription, or begin one, while it is called.
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      onError(error);
    }
  }
}

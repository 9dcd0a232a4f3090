/** What several sources give, in the order in which it comes, until all have ended. The first that throws ends the others. */
export async function* merged<T>(sources: readonly AsyncGenerator<T, void, undefined>[]): AsyncGenerator<T, void, undefined> {
  const next = async (source: AsyncGenerator<T, void, undefined>) => ({ source, result: await source.next() });
  const pending = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(source);
      } else {
        pending.set(source, next(source));
        yield result.value;
      }
    }
  } finally {
    for (const [source, last] of pending) {
      // What it still gives is not wanted any more; it ends with its signal at the latest.
      last.catch(() => undefined);
      source.return().catch(() => undefined);
    }
  }
}

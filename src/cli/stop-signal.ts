/** Runs something with a signal that Ctrl-C or SIGTERM aborts; a second one ends the process as usual. */
export async function withStopSignal<Value>(run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const stopped = new AbortController();
  const onSignal = () => stopped.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await run(stopped.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

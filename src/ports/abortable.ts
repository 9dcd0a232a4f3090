import { Readable } from 'node:stream';

/**
 * The chunks of a source until a signal aborts, also where the source is silent at that moment: then it throws the reason of
 * the signal. A source that is left before its end is told so; it is not waited for, as it may hang.
 */
export async function* abortable<Chunk>(source: AsyncIterable<Chunk>, signal: AbortSignal | undefined): AsyncGenerator<Chunk> {
  const chunks = source[Symbol.asyncIterator]();
  let interrupt: (reason: unknown) => void = () => undefined;
  const onAbort = () => interrupt(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  let ended = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      // One promise a chunk: racing each against one long-lived promise would gather memory over a large upload.
      const step = await new Promise<IteratorResult<Chunk>>((resolve, reject) => {
        interrupt = reject;
        chunks.next().then(resolve, reject);
      });
      if (step.done) break;
      yield step.value;
    }
    ended = true;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (!ended) leave(source, chunks);
  }
}

function leave<Chunk>(source: AsyncIterable<Chunk>, chunks: AsyncIterator<Chunk>): void {
  if (source instanceof Readable) source.destroy();
  // Why it was left is what the caller hears of; that the source also fails to stop adds nothing to it.
  else chunks.return?.().catch(() => undefined);
}

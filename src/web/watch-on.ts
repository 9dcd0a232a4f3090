import { ConnectionError, type ConnectionState } from '../client/client.ts';

const pauseMs = 2_000;

interface WatchOn<T> {
  /** Begins behind `since`, or now. */
  watch(since: string | undefined): AsyncIterable<T>;
  tell(event: T): void;
  onConnection(state: ConnectionState): void;
  /** When it aborts, watching ends. */
  readonly signal?: AbortSignal;
}

/** Watches for as long as the page lives: what ends or fails is begun again behind the last event. */
export async function watchOn<T extends object>({ watch, tell, onConnection, signal }: WatchOn<T>): Promise<void> {
  let since: string | undefined;
  while (!isOver(signal)) {
    try {
      for await (const event of watch(since)) {
        if ('id' in event && typeof event.id === 'string') since = event.id;
        tell(event);
      }
    } catch (error) {
      if (isOver(signal)) return;
      if (!(error instanceof ConnectionError)) console.error(error);
      onConnection('lost');
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

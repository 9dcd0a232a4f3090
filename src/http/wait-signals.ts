import type { ServerResponse } from 'node:http';

/** Long polls and streams that are open now: each ends when its client goes, and all of them when the server stops. */
export interface WaitSignals {
  /** Runs `work` with a signal that aborts when the connection of the response closes or the server stops. */
  during<T>(response: ServerResponse, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  endAll(): void;
}

export function createWaitSignals(): WaitSignals {
  const open = new Set<AbortController>();
  let stopped = false;
  return {
    async during(response, work) {
      const controller = new AbortController();
      const abort = () => controller.abort();
      if (stopped || response.destroyed) abort();
      open.add(controller);
      response.once('close', abort);
      try {
        return await work(controller.signal);
      } finally {
        open.delete(controller);
        response.off('close', abort);
      }
    },
    endAll() {
      stopped = true;
      for (const controller of open) controller.abort();
    },
  };
}

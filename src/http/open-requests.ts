import type { ServerResponse } from 'node:http';

/** The requests that are being answered now, so that a stop can wait for them. */
export interface OpenRequests {
  add(response: ServerResponse): void;
  remove(response: ServerResponse): void;
  /** From now on each answer ends its connection. */
  closeConnections(): void;
  /** Resolves when none is open. */
  none(): Promise<void>;
}

export function createOpenRequests(): OpenRequests {
  const open = new Set<ServerResponse>();
  let closing = false;
  let waiting: (() => void)[] = [];
  const close = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };
  return {
    add(response) {
      open.add(response);
      if (closing) close(response);
    },
    remove(response) {
      open.delete(response);
      if (open.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    closeConnections() {
      closing = true;
      for (const response of open) close(response);
    },
    none: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

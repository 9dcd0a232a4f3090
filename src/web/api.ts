import { createClient } from '../client/client.ts';

/** The server that this page came from. A page stays open for days: it never gives up a lost connection. */
export const api = createClient({
  baseUrl: location.origin,
  retry: { reconnectsMax: Number.POSITIVE_INFINITY, longestDelayMs: 5_000 },
});

import type { IncomingHttpHeaders } from 'node:http';
import type { Engine } from '../../engine/engine.ts';

/** Throws `insufficient-storage`, before anything of the body is read, where there is no room for what the request says it brings. */
export function checkRoom(engine: Engine, { headers }: { headers: IncomingHttpHeaders }): Promise<void> {
  const declared = Number(headers['content-length'] ?? 0);
  return engine.checkRoom(Number.isSafeInteger(declared) ? declared : 0);
}

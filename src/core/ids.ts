import { v7, validate, version } from 'uuid';

/** Random bytes for the next ids: asking the system for each id costs more than all the rest of it. */
const pool = new Uint8Array(16 * 256);
let used = pool.length;
/** The time and the counter in the last id. */
let lastMs = 0;
let sequence = 0;

/** A new UUIDv7 (RFC 9562): sorts by the time it was made, so that the newest job has the largest id. */
export function newId(): string {
  const random = nextRandom();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // Half of the range is left to count in.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence = (sequence + 1) >>> 0;
    if (sequence === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

/** The smallest id that can have been made at a time. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** Whether `text` is spelled like an id of ours. Anything else from outside is answered like an unknown id. */
export function isId(text: string): boolean {
  return text.length === 36 && validate(text) && version(text) === 7;
}

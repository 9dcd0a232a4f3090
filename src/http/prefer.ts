import { limits } from '../core/limits.ts';

/** The seconds of `Prefer: wait=N` (RFC 7240), at most 60; null where the header does not ask to wait. An unreadable preference is none. */
export function preferredWaitSeconds(header: string | string[] | undefined): number | null {
  if (header === undefined) return null;
  for (const preference of String(header).split(',')) {
    const match = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference);
    if (match?.[1] !== undefined) return Math.min(Number(match[1]), limits.waitSecondsMax);
  }
  return null;
}

import { isIPv6 } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { bookStart, nextStartAt, type Rate } from '../core/rate.ts';

/** The header fields that tell a client how much it may still send (draft-ietf-httpapi-ratelimit-headers). */
export type RateLimitFields = Readonly<Record<'ratelimit-policy' | 'ratelimit', string>>;

/** Requests of each client address, held to a rate. */
export interface ClientRates {
  /** Counts a request and tells what is left; where nothing was, `refusal` is what it is refused with, and it does not count. */
  take(address: string): { readonly fields: RateLimitFields; readonly refusal: ServiceError | null };
}

export function createClientRates(rate: Rate, clock: Clock, clientsMax: number = limits.clientsMax): ClientRates {
  /** By client, the least recently seen first: up to when it has used up its rate. */
  const booked = new Map<string, number>();
  const policy = `"default";q=${rate.limit};w=${Math.ceil(rate.perMs / 1000)}`;
  const everyMs = rate.perMs / rate.limit;

  function fieldsOf(left: number, resetMs: number): RateLimitFields {
    return { 'ratelimit-policy': policy, ratelimit: `"default";r=${left};t=${Math.ceil(resetMs / 1000)}` };
  }

  function note(client: string, until: number): void {
    booked.delete(client);
    booked.set(client, until);
    if (booked.size <= clientsMax) return;
    const [longestAway] = booked.keys();
    if (longestAway !== undefined) booked.delete(longestAway);
  }

  return {
    take(address) {
      const client = clientOf(address);
      const now = clock.now();
      const before = booked.get(client) ?? null;
      const waitMs = nextStartAt(rate, before, now) - now;
      if (waitMs > 0) {
        const seconds = Math.max(1, Math.ceil(waitMs / 1000));
        const told = `A client may send ${rate.limit} requests in ${rate.perMs} ms.`;
        return { fields: fieldsOf(0, waitMs), refusal: new ServiceError('rate-limited', told, { retryAfterSeconds: seconds }) };
      }
      const until = bookStart(rate, before, now);
      note(client, until);
      const used = Math.ceil((until - now) / everyMs - 1e-6);
      return { fields: fieldsOf(Math.max(0, rate.limit - used), until - now), refusal: null };
    },
  };
}

/** One client has many IPv6 addresses: all that begin with the same 64 bits. */
function clientOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

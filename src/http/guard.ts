import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../core/errors.ts';

export interface GuardSettings {
  readonly host: string;
  readonly publicUrl?: string | null;
}

/** Decides whether a request may be one that a foreign web page has made somebody's browser send. */
export interface Guard {
  /** Throws `host-not-allowed` or `origin-not-allowed`. */
  check(method: string, headers: IncomingHttpHeaders): void;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Without authentication the browser's same-origin rule is all that keeps web pages out: a page could reach us under a name of
 * its own that points to this machine (DNS rebinding), or send changes blindly across origins. So only our own names are
 * served, and changes are taken only from pages of the same origin (or from no page at all).
 */
export function createGuard({ host, publicUrl }: GuardSettings): Guard {
  const ours = publicUrl === undefined || publicUrl === null ? null : new URL(publicUrl);
  const names = new Set([bracketed(host.toLowerCase()), ...(ours === null ? [] : [ours.hostname.toLowerCase()])]);
  return {
    check(method, headers) {
      const asked = headers.host?.toLowerCase();
      if (asked !== undefined && !isOurs(asked, names)) {
        throw new ServiceError('host-not-allowed', `The host ${JSON.stringify(asked.slice(0, 100))} is not served here.`);
      }
      const { origin } = headers;
      if (origin === undefined || safeMethods.has(method)) return;
      if (origin === ours?.origin || origin.toLowerCase() === `http://${asked}` || origin.toLowerCase() === `https://${asked}`)
        return;
      throw new ServiceError(
        'origin-not-allowed',
        `Pages of ${JSON.stringify(origin.slice(0, 100))} may not change anything here.`,
      );
    },
  };
}

function isOurs(asked: string, names: ReadonlySet<string>): boolean {
  const name = asked.replace(/:\d{1,5}$/, '');
  return loopback.test(name) || names.has(name);
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

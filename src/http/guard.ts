import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '../core/errors.ts';

export interface GuardSettings {
  readonly host: string;
  readonly publicUrl?: string | null;
  /** Whether a proxy tells in X-Forwarded-Host under which name it was asked. */
  readonly trustProxy?: boolean;
}

/** Decides whether a request may be one that a foreign web page has made somebody's browser send. */
export interface Guard {
  /** Throws `host-not-allowed` or `origin-not-allowed`. */
  check(method: string, headers: IncomingHttpHeaders): void;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host, as it stands in a link, is this machine by its name. */
export function isLoopbackName(name: string): boolean {
  return loopback.test(name);
}

/**
 * Without authentication the browser's same-origin rule is all that keeps web pages out: a page could reach us under a name of
 * its own that points to this machine (DNS rebinding), or send changes blindly across origins. So only our own names are
 * served, and changes are taken only from pages of the same origin (or from no page at all).
 */
export function createGuard({ host, publicUrl, trustProxy = false }: GuardSettings): Guard {
  const ours = publicUrl === undefined || publicUrl === null ? null : new URL(publicUrl);
  const names = new Set([bracketed(host.toLowerCase()), ...(ours === null ? [] : [ours.hostname.toLowerCase()])]);
  return {
    check(method, headers) {
      // The name that the proxy was asked for comes besides the one that it asks for: a page can write either, so both must be ours.
      const asked = [headers.host, ...(trustProxy ? forwardedHosts(headers) : [])].flatMap((one) => one?.toLowerCase() ?? []);
      const foreign = asked.find((one) => !isOurs(one, names));
      if (foreign !== undefined) {
        throw new ServiceError('host-not-allowed', `The host ${JSON.stringify(foreign.slice(0, 100))} is not served here.`);
      }
      const { origin } = headers;
      if (origin === undefined || safeMethods.has(method)) return;
      if (origin === ours?.origin || asked.some((one) => [`http://${one}`, `https://${one}`].includes(origin.toLowerCase())))
        return;
      throw new ServiceError(
        'origin-not-allowed',
        `Pages of ${JSON.stringify(origin.slice(0, 100))} may not change anything here.`,
      );
    },
  };
}

function forwardedHosts(headers: IncomingHttpHeaders): string[] {
  const told = headers['x-forwarded-host'];
  return [told ?? []].flat().flatMap((one) => one.split(',').map((host) => host.trim()));
}

function isOurs(asked: string, names: ReadonlySet<string>): boolean {
  const name = asked.replace(/:\d{1,5}$/, '');
  return isLoopbackName(name) || names.has(name);
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { ServiceError } from '../../core/errors.ts';

/** All addresses of a host, in the order in which they are to be tried. */
export type Lookup = (host: string, how: LookupOptions) => Promise<readonly string[]>;

export interface LookupOptions {
  /** Whether the operator named this host, so that it may stand where only this machine knows it. */
  readonly isNamed: boolean;
  readonly signal: AbortSignal;
}

/** For one try; the second one takes twice as long. */
const tryMs = 1_500;
const tries = 2;
const absent = ['ENOTFOUND', 'ENODATA'];

/**
 * Asks the name servers of this machine, over sockets of its own: the system's own look-up holds one of two threads until it ends,
 * so that two hosts whose name servers are silent would hold up every other link. Only that one reads the hosts file and completes
 * names, which nobody but the operator may make use of: it is for hosts that a rule names.
 */
export const lookupHost: Lookup = async (host, { isNamed, signal }) => {
  if (isNamed) return (await systemLookup(host, { all: true })).map(({ address }) => address);
  // A new one each time, as the settings of the system may have changed.
  const resolver = new Resolver({ timeout: tryMs, tries });
  const stop = () => resolver.cancel();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const [v4 = [], v6 = []] = found.map((kind) => (kind.status === 'fulfilled' ? kind.value : []));
    const failures = found.flatMap((kind): unknown[] => (kind.status === 'rejected' ? [kind.reason] : []));
    if (v4.length + v6.length === 0) throw lookupFailure(failures);
    // In turns: where one kind leads nowhere, the other is tried soon.
    return Array.from({ length: Math.max(v4.length, v6.length) }, (_none, index) => [v4[index], v6[index]])
      .flat()
      .filter((address) => address !== undefined);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/** A server may know nothing of one kind of address and not say so: what was said counts most. */
function lookupFailure(failures: readonly unknown[]): ServiceError {
  const codes = failures.map((error) => (error instanceof Error && 'code' in error ? String(error.code) : ''));
  const other = codes.findIndex((code) => !absent.includes(code));
  if (other < 0) return new ServiceError('source-fetch-failed', 'The host of the link is not known.', { cause: failures[0] });
  const isSilent = codes[other] === 'ETIMEOUT';
  return isSilent
    ? new ServiceError('source-timeout', 'The name server of the link did not answer in time.', { cause: failures[other] })
    : new ServiceError('source-fetch-failed', 'The host of the link could not be looked up.', { cause: failures[other] });
}

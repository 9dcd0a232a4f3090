import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ServiceError } from '../../core/errors.ts';
import type { SourceUrl } from '../../core/source-url.ts';
import { fetchFailure } from './fetch-failure.ts';
import type { TimeLimits } from './time-limits.ts';

/** A host may have very many addresses; so many are tried. */
const addressesMax = 4;

export interface ConnectionOptions {
  readonly connectMs: number;
  /** Certificates (PEM) that are trusted instead of those of Node. */
  readonly ca: string | undefined;
}

/** A connection to the first of these addresses that answers: an address is used as it is, only TLS sees the name of the host. */
export async function openConnection(
  url: SourceUrl,
  addresses: readonly string[],
  limits: TimeLimits,
  options: ConnectionOptions,
): Promise<Socket> {
  let failure: unknown = new ServiceError('source-fetch-failed', 'The host of the link has no address.');
  const tried = addresses.slice(0, addressesMax);
  for (const address of tried) {
    try {
      return await connectTo(url, address, limits, { ...options, connectMs: options.connectMs / tried.length });
    } catch (error) {
      failure = error;
      if (limits.signal.aborted || (error instanceof ServiceError && !error.retryable)) break;
    }
  }
  throw failure;
}

function connectTo(url: SourceUrl, address: string, limits: TimeLimits, { connectMs, ca }: ConnectionOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const place = { host: address, port: url.port };
    const socket = url.isSecure
      ? connectTls({
          ...place,
          ALPNProtocols: ['http/1.1'],
          // A certificate for an address is checked against the address.
          ...(url.address === null ? { servername: url.host } : {}),
          ...(ca === undefined ? {} : { ca }),
        })
      : connect(place);
    const clearTimer = limits.after(connectMs, () => socket.destroy(tooSlow()));
    const stop = () => socket.destroy();
    const done = (settle: () => void) => {
      clearTimer();
      limits.signal.removeEventListener('abort', stop);
      settle();
    };
    limits.signal.addEventListener('abort', stop, { once: true });
    if (limits.signal.aborted) stop();
    socket.once(url.isSecure ? 'secureConnect' : 'connect', () => done(() => resolve(socket)));
    // Stays: an error of a socket that nobody listens to would end the process.
    socket.on('error', (error) => done(() => reject(fetchFailure(error))));
    socket.once('close', () => done(() => reject(limits.signal.aborted ? limits.signal.reason : fetchFailure(closed()))));
  });
}

function tooSlow(): ServiceError {
  return new ServiceError('source-timeout', 'The server of the link took too long to accept a connection.');
}

function closed(): Error {
  return new Error('the connection was closed before it was open');
}

import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { SourceUrl } from '../../core/source-url.ts';
import { fetchFailure } from './fetch-failure.ts';
import type { TimeLimits } from './time-limits.ts';

/** An answer whose headers have come. */
export interface OpenAnswer {
  readonly response: IncomingMessage;
  /** What went wrong with the connection so far, even where the body seems to be whole; null where nothing did. */
  failure(): unknown;
  close(): void;
}

const headerBytesMax = 16 * 1024;

/** Asks for a link over a connection that is open already, and waits for the headers of the answer. No proxy, no pool, no cookies. */
export function sendRequest(
  url: SourceUrl,
  socket: Socket,
  limits: TimeLimits,
  { headersMs, userAgent }: { readonly headersMs: number; readonly userAgent: string },
): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    let failed: unknown = null;
    const sent = request({
      createConnection: () => socket,
      path: url.path,
      setHost: false,
      maxHeaderSize: headerBytesMax,
      // Identity: then the length that is declared is that of the file.
      headers: {
        host: hostHeader(url),
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'close',
      },
    });
    const clearTimer = limits.begin(headersMs, 'The server of the link did not answer within its time');
    const close = () => {
      clearTimer();
      limits.signal.removeEventListener('abort', close);
      sent.destroy();
      socket.destroy();
    };
    let answered = false;
    const fail = (error: unknown) => {
      failed ??= error;
      // The answer itself ends in an error then, or is whole: who reads it decides.
      if (answered) return;
      close();
      reject(limits.signal.aborted ? limits.signal.reason : fetchFailure(error));
    };
    limits.signal.addEventListener('abort', close, { once: true });
    sent.on('error', fail);
    sent.once('close', () => {
      if (!answered) fail(new Error('the connection was closed before the answer'));
    });
    sent.once('upgrade', (_response, upgraded: Socket) => {
      upgraded.destroy();
      fail(new Error('the server changed the protocol'));
    });
    sent.once('response', (response) => {
      answered = true;
      clearTimer();
      // An error of the body is thrown to whoever reads it; where nobody does it must not end the process.
      response.on('error', (error) => (failed ??= error));
      resolve({ response, failure: () => failed, close });
    });
    sent.end();
    if (limits.signal.aborted) close();
  });
}

function hostHeader({ host, address, port, isSecure }: SourceUrl): string {
  const name = address?.family === 6 ? `[${host}]` : host;
  return port === (isSecure ? 443 : 80) ? name : `${name}:${port}`;
}

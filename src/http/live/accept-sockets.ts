import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { liveProtocol } from '../../core/live.ts';
import { traceIdOf } from '../../core/trace.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Measures } from '../../ports/metrics.ts';
import type { Taps } from '../../ports/taps.ts';
import { clientAddress } from '../client-address.ts';
import type { ClientRates } from '../client-rates.ts';
import type { DropInSocket } from '../drop-in.ts';
import { endSocket } from '../end-socket.ts';
import { createGuard } from '../guard.ts';
import { hasBody } from '../has-body.ts';
import type { HttpSettings } from '../http-settings.ts';
import { publicError, rawProblem } from '../problem.ts';
import { refuseOtherThanOneHost } from '../receive-requests.ts';
import { anonymous } from '../request-context.ts';
import { afterAnswers, handBack } from './hand-back.ts';
import type { Hub } from './hub.ts';
import { PlainSession } from './plain-session.ts';
import { LiveSession } from './session.ts';

export const livePath = '/v1/live';
const version = '13';
const keyPattern = /^[+/0-9A-Za-z]{22}==$/;
/** The guard knows this method as none that is safe: no same-origin rule keeps a page of another origin from opening a socket. */
const guardedAs = 'WEBSOCKET';

export interface LiveParts {
  readonly hub: Hub;
  readonly engine: Engine;
  readonly taps: Taps;
  readonly settings: HttpSettings;
  /** Asking for a socket counts like any request; null where clients have no limit. */
  readonly rates: ClientRates | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  readonly draining: () => boolean;
  /** Sockets of older services. */
  readonly dropIns: readonly DropInSocket[];
}

/** A message of too many fragments is one that is too big, which ws calls a breach of policy. */
class LiveSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === 1008 && reason === undefined ? 1009 : code, reason);
  }
}

/** Takes WebSockets at `/v1/live` and at the paths of older services; every other request that asks for an upgrade is answered as if it had not. */
export function acceptLiveSockets(server: Server, parts: LiveParts): void {
  const { hub, settings, rates, log, measures, draining, dropIns } = parts;
  const guard = settings.openMode ? createGuard(settings) : null;
  // The types of the library do not know all of its options yet.
  const options: ServerOptions<typeof LiveSocket> & { closeTimeout: number; maxFragments: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.liveFrameBytesMax,
    maxFragments: limits.liveFragmentsMax,
    closeTimeout: limits.liveCloseMs,
    WebSocket: LiveSocket,
    handleProtocols: (offered) => (offered.has(liveProtocol) ? liveProtocol : false),
  };
  const sockets = new WebSocketServer(options);

  function refuse(request: IncomingMessage, isLive: boolean, tooFast: ServiceError | null): void {
    if (draining()) throw new ServiceError('shutting-down', 'The server is stopping.', { retryAfterSeconds: 5 });
    if (tooFast !== null) throw tooFast;
    refuseOtherThanOneHost(request);
    guard?.check(guardedAs, request.headers);
    if (request.headers['sec-websocket-version'] !== version) {
      throw new ServiceError('upgrade-required', `The version of the WebSocket must be ${version}.`);
    }
    if (!keyPattern.test(request.headers['sec-websocket-key'] ?? '')) {
      throw new ServiceError('bad-request', 'The Sec-WebSocket-Key must be 16 bytes in base64.');
    }
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (isLive && offered !== undefined && !offered.includes(liveProtocol)) {
      throw new ServiceError('bad-request', `The subprotocol is ${liveProtocol}; offer that one, or none.`);
    }
    if (hub.size >= limits.liveSocketsMax) {
      throw new ServiceError('too-many-sockets', `${limits.liveSocketsMax} sockets are open, which is the limit.`, {
        retryAfterSeconds: 5,
      });
    }
  }

  function open(request: IncomingMessage, stream: Duplex, head: Buffer, path: string, dropIn: DropInSocket | undefined): void {
    const traceId = traceIdOf(request.headers.traceparent as string | undefined);
    const address = clientAddress(request, settings.trustProxy);
    const taken = draining() ? null : (rates?.take(address) ?? null);
    try {
      refuse(request, dropIn === undefined, taken?.refusal ?? null);
    } catch (error) {
      const told = publicError(error);
      measures.problemTold(told.code);
      log.info({ traceId, path, status: told.kind.status, problem: told.code }, 'live.refused');
      endSocket(stream, rawProblem(told, traceId, { ...headersOf(told, traceId), ...taken?.fields }, path));
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      log.info({ traceId, path, caller: anonymous }, 'live.opened');
      if (dropIn === undefined) {
        new LiveSession({ ...parts, path, caller: anonymous, traceId }, socket, stream);
      } else {
        new PlainSession({ hub, log, caller: anonymous, address, traceId }, dropIn, socket, stream);
      }
    });
  }

  server.on('upgrade', (request, stream: Duplex, head: Buffer) => {
    const wanted = request.headers.upgrade?.toLowerCase() === 'websocket' && request.method === 'GET' && !hasBody(request);
    const path = request.url?.split('?', 1)[0] ?? '';
    const dropIn = dropIns.find((one) => one.path === path);
    const isSocket = wanted && (path === livePath || dropIn !== undefined);
    afterAnswers(stream, () => (isSocket ? open(request, stream, head, path, dropIn) : handBack(server, request, stream, head)));
  });
}

function headersOf({ code, retryAfterSeconds }: ServiceError, traceId: string): Record<string, string> {
  return {
    'x-trace-id': traceId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(code === 'upgrade-required'
      ? { upgrade: 'websocket', connection: 'upgrade, close', 'sec-websocket-version': version }
      : {}),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
}

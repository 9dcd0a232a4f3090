import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceError } from '../core/errors.ts';
import type { HeldBodies } from './intake/held-bodies.ts';

/** An older service whose documented exchanges work here: its routes and sockets, and how it tells what went wrong. */
export interface DropIn {
  readonly routes: readonly DropInRoute[];
  /** WebSockets that only tell: what a client sends there is not read. */
  readonly sockets?: readonly DropInSocket[];
  /** An error of any of its routes, of the guards before them, too, in the shape that its clients know. */
  readonly errorAnswer: (error: ServiceError, headers: IncomingHttpHeaders) => DropInError;
}

export interface DropInRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  /** The service that a POST is for: it is refused before its body is read where no more jobs of that are taken. */
  readonly admits?: string;
  readonly handle: (request: DropInRequest) => Promise<DropInAnswer>;
}

export interface DropInRequest {
  readonly params: Readonly<Record<string, string>>;
  /** A parameter that comes twice has a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: IncomingHttpHeaders;
  /** Whose jobs it may see. */
  readonly caller: string;
  /** The address of the client. */
  readonly client: string;
  readonly traceId: string;
  /** The body, as it comes in; throws what `requestBody` throws. */
  readonly body: (bytesMax: number) => AsyncGenerator<Buffer>;
  /** For bodies that are read whole. */
  readonly held: HeldBodies;
}

export interface DropInAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | NodeJS.ReadableStream;
}

/** What differs from how the error is told elsewhere: the body always, which may be empty. */
export interface DropInError {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DropInSocket {
  readonly path: string;
  /** Called when a client has connected; what it gives is called once that has gone. */
  readonly connected: (client: SocketClient) => () => void;
}

/** One open socket. */
export interface SocketClient {
  readonly caller: string;
  /** The address of the client. */
  readonly address: string;
  /** Sends a message as `textFrame` makes it, so that many share its bytes. Who reads too slowly is closed with 1013. */
  send(frame: Buffer): void;
}

import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../../src/core/clock.ts';
import type { DropIn } from '../../src/http/drop-in.ts';
import type { HttpSettings } from '../../src/http/http-settings.ts';
import { createServer, type HttpServer, type HttpServerParts } from '../../src/http/server.ts';
import { createTaps, type RunningTaps } from '../../src/services/taps/create-taps.ts';
import { openTestEngine, type TestEngine, type TestEngineOptions } from './engine.ts';

export interface TestServer extends TestEngine {
  readonly server: HttpServer;
  readonly taps: RunningTaps;
  readonly url: string;
  readonly port: number;
  /** Lines of the log of the HTTP server. */
  readonly lines: Record<string, unknown>[];
  closeAll(): Promise<void>;
}

interface HttpExtras extends Partial<Pick<HttpServerParts, 'clock' | 'patience'>> {
  readonly dropIns?: (parts: TestEngine & { readonly taps: RunningTaps }) => readonly DropIn[] | Promise<readonly DropIn[]>;
  readonly reportMs?: number;
}

/** An HTTP server on a free port before an engine of its own; the worker runs. */
export async function openTestServer(
  options: TestEngineOptions,
  settings: Partial<HttpSettings> = {},
  { dropIns, reportMs = 5_000, ...http }: HttpExtras = {},
): Promise<TestServer> {
  const engine = await openTestEngine(options);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const clock = options.clock ?? systemClock;
  const taps = createTaps({ documents: engine.engine.documents, clock, log: engine.parts.log, reportMs });
  await taps.start();
  const server = await createServer({
    engine: engine.engine,
    taps,
    settings: {
      host: '127.0.0.1',
      publicUrl: null,
      trustProxy: false,
      uploadBytesMax: engine.parts.settings.uploadBytesMax,
      openMode: true,
      clientRate: null,
      ...settings,
    },
    log,
    metrics: engine.metrics,
    clock,
    version: '0.0.0',
    dropIns: (await dropIns?.({ ...engine, taps })) ?? [],
    ...http,
  });
  const { url } = await server.listen('127.0.0.1', 0);
  engine.worker.start();
  return {
    ...engine,
    server,
    taps,
    url,
    port: Number(new URL(url).port),
    lines,
    async closeAll() {
      await server.close(1_000);
      await taps.stop();
      await engine.close();
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request over a connection of its own, with no header that was not asked for. */
export function call(url: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      {
        method,
        headers: {
          ...(body === undefined || headers['transfer-encoding'] !== undefined
            ? {}
            : { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends bytes as they are and gives everything that comes back until the connection ends, or until `enough` is satisfied. */
export function exchange(
  port: number,
  bytes: string | Buffer,
  enough: (text: string) => boolean = () => false,
  withinMs = 5_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => finish(), withinMs);
    function finish() {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    }
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (enough(text)) finish();
    });
    socket.on('close', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => (text === '' && error.code !== 'ECONNRESET' ? reject(error) : finish()));
  });
}

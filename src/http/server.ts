import type { IncomingMessage, ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { ActionRequest, ActionView } from '../contracts/action.ts';
import { BatchAnswer, BatchRequest } from '../contracts/batch.ts';
import { Beer, BeerPage, Pour, TapList } from '../contracts/beers.ts';
import { JobPage, JobView } from '../contracts/job.ts';
import { JobEventList } from '../contracts/job-events.ts';
import { BeersEventList } from '../contracts/live.ts';
import { Health, QueueList, QueueView, ServiceList, StorageView, WorkerList } from '../contracts/operations.ts';
import { Problem } from '../contracts/problem.ts';
import { StoredFileView } from '../contracts/stored-file.ts';
import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { traceIdOf } from '../core/trace.ts';
import type { Engine } from '../engine/engine.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Taps } from '../ports/taps.ts';
import { answerProblems } from './answer-problems.ts';
import { createClientRates } from './client-rates.ts';
import { continueWhenRead } from './continue-when-read.ts';
import { cutSlowReaders } from './cut-slow-readers.ts';
import type { DropIn } from './drop-in.ts';
import { createFailureLog } from './failure-log.ts';
import type { HttpSettings } from './http-settings.ts';
import { HeldBodies } from './intake/held-bodies.ts';
import { watchPaths } from './known-paths.ts';
import { acceptLiveSockets } from './live/accept-sockets.ts';
import { shouldUpgrade } from './live/hand-back.ts';
import { createHub } from './live/hub.ts';
import { watchRoutes } from './open-api.ts';
import { createOpenRequests } from './open-requests.ts';
import { memberSchema, valueFromText } from './option-text.ts';
import { answerParserErrors } from './parser-errors.ts';
import { problemAnswer, publicError, sendProblem } from './problem.ts';
import { logUnroutable, receiveRequests } from './receive-requests.ts';
import { actionRoutes } from './routes/actions.ts';
import { batchRoute } from './routes/batch.ts';
import { beerRoutes } from './routes/beers.ts';
import { docsRoutes } from './routes/docs.ts';
import { dropInRoutes } from './routes/drop-in.ts';
import { fileRoutes } from './routes/files.ts';
import { jobEventRoutes } from './routes/job-events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { liveRoutes } from './routes/live.ts';
import { metricsRoute } from './routes/metrics.ts';
import { operationRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/page.ts';
import { probeRoutes } from './routes/probes.ts';
import { problemRoutes } from './routes/problems.ts';
import { queueMonitorRoutes } from './routes/queue-monitor.ts';
import { serviceRoutes } from './routes/services.ts';
import { submitRoute } from './routes/submit.ts';
import { compileStrict } from './validation.ts';
import { createWaitSignals } from './wait-signals.ts';

export interface HttpServerParts {
  readonly engine: Engine;
  readonly taps: Taps;
  readonly settings: HttpSettings;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly version: string;
  /** Older services whose clients are served, too. */
  readonly dropIns?: readonly DropIn[];
  /** Whether the broker through which taps talk has us connected; null where there is none. */
  readonly brokerConnected?: () => boolean | null;
  /** Tests of slow clients have less. */
  readonly patience?: Patience;
}

/** What Node itself waits for, which knows no clock of ours. */
export interface Patience {
  readonly headersMs: number;
  readonly keepAliveMs: number;
  readonly connectionCheckMs: number;
}

export interface HttpServer {
  /** Port 0 takes any free one; the address is then in `url`. */
  listen(host: string, port: number): Promise<{ url: string }>;
  /** From now on new requests get 503 `shutting-down`; open streams and long polls end at once. */
  drain(): void;
  /** Waits up to `graceMs` for the requests that are being answered, then closes all connections and the listener. */
  close(graceMs: number): Promise<void>;
}

/** The page of the documentation runs its own scripts and asks nobody but this server. */
const docsPolicy = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');
const lastAnswersMs = 500;
const pathPartCharsMax = 200;

/** The HTTP server over the engine: everything of the contract's routes, and an RFC 9457 answer to everything else. */
export async function createServer(parts: HttpServerParts): Promise<HttpServer> {
  const { engine, taps, settings, log, metrics, clock, dropIns = [], brokerConnected = () => null, patience = limits } = parts;
  const hub = createHub({ engine, taps, clock, log });
  const openRequests = createOpenRequests();
  const waits = createWaitSignals();
  let draining = false;

  // The types are those of Node 20, which does not ask yet.
  const http: ServerOptions & { shouldUpgradeCallback(request: IncomingMessage): boolean } = {
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: patience.headersMs,
    connectionsCheckingInterval: patience.connectionCheckMs,
    shouldUpgradeCallback: shouldUpgrade,
  };
  const app: FastifyInstance = fastify({
    logger: false,
    // One proxy: the address that it adds is the last one, whatever the client has written before it.
    trustProxy: settings.trustProxy ? (_address, hop) => hop === 0 : false,
    routerOptions: { maxParamLength: pathPartCharsMax },
    keepAliveTimeout: patience.keepAliveMs,
    // A large body may take longer than any fixed time: its pace is watched where it is read.
    requestTimeout: 0,
    bodyLimit: settings.uploadBytesMax,
    return503OnClosing: false,
    forceCloseConnections: false,
    http,
    frameworkErrors: (error, request, reply) => {
      request.traceId = traceIdOf(undefined);
      request.span = null;
      logUnroutable(log, request, reply);
      sendProblem(reply, problemAnswer(publicError(error), request));
    },
  });
  app.server.maxConnections = limits.connectionsMax;
  answerParserErrors(app.server, log);
  cutSlowReaders(app.server, { clock, log });
  continueWhenRead(app.server);
  // Bodies are read by the routes themselves, as streams.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'querystring' ? queryValidator(schema) : () => true));
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  const paths = watchPaths(app);
  const rates = settings.clientRate === null ? null : createClientRates(settings.clientRate, clock);
  receiveRequests(app, { settings, rates, log, measures: metrics, openRequests, draining: () => draining });
  answerProblems(app, { logFailure: createFailureLog(log, clock), measures: metrics, paths });
  const describe = watchRoutes(app);

  const services = [...engine.services.values()];
  const held = new HeldBodies();
  const intake = { engine, clock, uploadBytesMax: settings.uploadBytesMax, waits, held };
  for (const service of services) submitRoute(intake, service)(app);
  jobRoutes({ engine, clock, waits })(app);
  batchRoute(intake)(app);
  actionRoutes({ engine, clock, held })(app);
  queueMonitorRoutes({ engine })(app);
  jobEventRoutes({ engine, clock, waits, log })(app);
  fileRoutes(intake)(app);
  beerRoutes({ engine, taps, clock, log, measures: metrics, waits, hub })(app);
  serviceRoutes(services, settings.uploadBytesMax)(app);
  operationRoutes({ engine, clock })(app);
  probeRoutes({ engine, version: parts.version, draining: () => draining })(app);
  metricsRoute({ engine, metrics, log, clock, live: () => hub, brokerConnected })(app);
  problemRoutes()(app);
  docsRoutes(() => document)(app);
  await pageRoutes()(app);
  liveRoutes(parts.version)(app);
  for (const dropIn of dropIns) dropInRoutes({ engine, clock, held }, dropIn)(app);
  const document = JSON.stringify(describe({ version: parts.version, schemas }));
  await showDocs(app, document);
  acceptLiveSockets(app.server, {
    hub,
    engine,
    taps,
    settings,
    rates,
    clock,
    log,
    measures: metrics,
    draining: () => draining,
    dropIns: dropIns.flatMap(({ sockets = [] }) => sockets),
  });
  await app.ready();

  const drain = () => {
    draining = true;
    openRequests.closeConnections();
    waits.endAll();
    hub.goAway();
  };
  return {
    async listen(host, port) {
      await app.listen({ host, port });
      return { url: urlOf(host, app.server.address()) };
    },
    drain,
    async close(graceMs) {
      drain();
      await withinMs(openRequests.none(), graceMs, clock);
      // The listener goes first: who has connected by now still gets an answer, a 503.
      const closed = app.close();
      await withinMs(closed, lastAnswersMs, clock);
      app.server.closeAllConnections();
      hub.close();
      await closed;
    },
  };
}

async function withinMs(done: PromiseLike<unknown>, ms: number, clock: Clock): Promise<void> {
  let clearTimer = () => {};
  const over = new Promise<void>((resolve) => {
    clearTimer = clock.after(ms, resolve);
  });
  await Promise.race([done, over]);
  clearTimer();
}

/** Checks a query whose texts first become what the schema means by them. */
function queryValidator(schema: unknown): (query: Record<string, unknown>) => { error: Error } | boolean {
  const check = compileStrict(Object(schema));
  return (query) => {
    try {
      for (const [name, text] of Object.entries(query)) {
        if (typeof text === 'string') query[name] = valueFromText(text, memberSchema(schema, name));
      }
      check(query);
      return true;
    } catch (error) {
      return { error: error instanceof Error ? error : new Error('the query is not valid', { cause: error }) };
    }
  };
}

/** Everything that the description names by itself. */
const schemas = {
  Job: JobView,
  JobPage,
  JobEventList,
  BatchRequest,
  BatchAnswer,
  ActionRequest,
  Action: ActionView,
  StoredFile: StoredFileView,
  Pour,
  Beer,
  BeerPage,
  TapList,
  BeersEventList,
  ServiceList,
  Queue: QueueView,
  QueueList,
  WorkerList,
  Storage: StorageView,
  Health,
  Problem,
};

async function showDocs(app: FastifyInstance, document: string): Promise<void> {
  await app.register(fastifySwagger, { mode: 'static', specification: { document: JSON.parse(document) } });
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, produces: [] };
    });
    await docs.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      transformStaticCSP: () => docsPolicy,
      uiConfig: { docExpansion: 'list', validatorUrl: null },
    });
  });
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type BeerListQuery, type BeerPage, BeerListQuery as Query } from '../../contracts/beers.ts';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { fromTheStart } from '../../core/live.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Answer } from '../../ports/job-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Measures } from '../../ports/metrics.ts';
import type { NewPour, Poured, Taps } from '../../ports/taps.ts';
import { negotiate } from '../accept.ts';
import { jsonAnswer } from '../answer.ts';
import { beerJson } from '../beers/beer-view.ts';
import { countPour, countRefusal } from '../beers/count-pour.ts';
import { readPour } from '../beers/read-pour.ts';
import { tapViews } from '../beers/tap-views.ts';
import { eventPosition } from '../cursor.ts';
import { idempotencyKey, postOnce } from '../idempotency.ts';
import { contentTypeOf, refuseQuery } from '../intake/read-job-request.ts';
import { smallBody } from '../intake/request-body.ts';
import { parseStrictJson } from '../intake/strict-json.ts';
import { beersSince } from '../live/beers-since.ts';
import type { Hub } from '../live/hub.ts';
import { streamBeers } from '../live/stream-beers.ts';
import { bare, header, idempotencyHeader, idParams, json, maybeHeader, path, ref } from '../openapi-schemas.ts';
import { readTime } from '../read-time.ts';
import { callerOf } from '../request-context.ts';
import type { WaitSignals } from '../wait-signals.ts';
import { type IdParams, pathId } from './path-id.ts';

const tags = ['taps'];
const eventTypes = ['application/json', 'text/event-stream'];

export interface BeerRouteParts {
  readonly engine: Engine;
  readonly taps: Taps;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  readonly waits: WaitSignals;
  readonly hub: Hub;
}

/** Pours of taps, and the beers that came of them. */
export function beerRoutes(parts: BeerRouteParts): (app: FastifyInstance) => void {
  const { taps, measures } = parts;
  return (app) => {
    app.post(
      '/v1/beers',
      { config: { problems: ['reading-conflict', 'reading-removed'] }, schema: pourSchema },
      (request, reply) =>
        postOnce(parts, request, reply, {
          read: () => countRefusal(measures, () => readRequest(parts, request)),
          describe: (pour) => ({ ...pour }),
          act: async (pour) =>
            pouredAnswer(pour, await countPour(measures, () => taps.pour({ ...pour, ...requestKeyOf(request, pour) }))),
        }),
    );

    app.get<{ Querystring: BeerListQuery }>('/v1/beers', { schema: listSchema }, async (request, reply) => {
      const { page = 1, page_size: size = limits.beersPageDefault } = request.query;
      const { beers, total } = await taps.beers({ ...filterOf(request.query), offset: (page - 1) * size, limit: size });
      const about: Omit<BeerPage, 'items'> = { page, pageSize: size, total };
      return reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(`{"items":[${beers.map(beerJson).join(',')}],${JSON.stringify(about).slice(1)}`);
    });

    app.get<IdParams>('/v1/beers/:id', { schema: readSchema }, async (request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(beerJson(await taps.beer(pathId(request.params, 'beer')))),
    );

    app.delete<IdParams>('/v1/beers/:id', { schema: removeSchema }, async (request, reply) => {
      await taps.remove(pathId(request.params, 'beer'));
      return reply.code(204).send();
    });

    app.get('/v1/taps', { schema: tapsSchema }, async () => ({ items: await tapViews(taps, parts.hub.tapSockets.counts) }));

    app.get<{ Querystring: { since?: string } }>(
      '/v1/beers/events',
      { config: { produces: eventTypes, problems: ['invalid-cursor'] }, schema: eventsSchema },
      async (request, reply) => {
        const cursor = request.headers['last-event-id'] ?? request.query.since;
        const since = cursor === undefined || cursor === '' ? null : cursor === fromTheStart ? 0 : eventPosition(String(cursor));
        const caller = callerOf(request);
        if (request.method === 'HEAD' || negotiate(request.headers.accept, eventTypes) === 'application/json') {
          return reply.header('content-type', 'application/json; charset=utf-8').send(await beersSince(parts, caller, since));
        }
        reply.hijack();
        await parts.waits
          .during(reply.raw, (signal) => streamBeers(parts, reply, { caller, since, signal }))
          .catch((error: unknown) => parts.log.error({ traceId: request.traceId, err: error }, 'stream.failed'));
      },
    );
  };
}

async function readRequest({ clock }: BeerRouteParts, request: FastifyRequest): Promise<NewPour> {
  refuseQuery(request);
  if (contentTypeOf(request) !== 'application/json')
    throw new ServiceError('unsupported-media-type', 'A pour is told as application/json.');
  const body = await smallBody(request.raw, clock, limits.beerBodyBytesMax);
  return readPour(parseStrictJson(body), clock.now());
}

/**
 * The answer to a key is kept after the commit of the beer. Should the server end between the two, the beer is found again by this:
 * the same key and the same pour.
 */
function requestKeyOf(request: FastifyRequest, pour: NewPour): Pick<NewPour, 'requestKey'> {
  const key = idempotencyKey(request.headers['idempotency-key']);
  if (key === null || pour.readingId !== undefined) return {};
  const requestKey = createHash('sha256')
    .update(canonicalJson([callerOf(request), key, { ...pour }]))
    .digest('base64url');
  return { requestKey };
}

/** What a key has made before is told as it was then; a reading that comes again is told to have made nothing. */
function pouredAnswer({ readingId }: NewPour, { beer, isNew }: Poured): Answer {
  return jsonAnswer(isNew || readingId === undefined ? 201 : 200, beerJson(beer), { location: `/v1/beers/${beer.id}` });
}

function filterOf({ type, tapId, from, to }: BeerListQuery) {
  return {
    ...(type === undefined ? {} : { type }),
    ...(tapId === undefined ? {} : { tapId: tapId + 0 }),
    ...(from === undefined ? {} : { from: readTime(from, 'from') }),
    ...(to === undefined ? {} : { to: readTime(to, 'to') }),
  };
}

const pourSchema = {
  operationId: 'pourBeer',
  summary: 'Tell of a beer that a tap has poured',
  description:
    'It is durable, and told live to all, when the answer comes. A `readingId` counts once a tap: sent again, also after a crash, it is answered with 200 and the beer that there is; with another volume or time it is refused.',
  tags,
  headers: idempotencyHeader,
  body: { content: { 'application/json': { schema: ref('Pour') } } },
  response: {
    200: json('This reading has made this beer before.', ref('Beer'), { Location: header('The beer.', path) }),
    201: json('The beer.', ref('Beer'), { Location: header('The beer.', path) }),
  },
};

const listSchema = {
  operationId: 'listBeers',
  summary: 'Beers, newest first',
  tags,
  querystring: Query,
  response: { 200: json('One page; one beyond the last is empty.', ref('BeerPage')) },
};

const readSchema = {
  operationId: 'getBeer',
  summary: 'A beer',
  tags,
  params: idParams,
  response: { 200: json('The beer.', ref('Beer')) },
};

const removeSchema = {
  operationId: 'deleteBeer',
  summary: 'Remove a beer',
  description: 'It is told live, and counts no longer.',
  tags,
  params: idParams,
  response: { 204: bare('It is gone.') },
};

const tapsSchema = {
  operationId: 'listTaps',
  summary: 'What each tap has poured, and how many live sockets it has',
  tags,
  response: { 200: json('All taps.', ref('TapList')) },
};

const eventsSchema = {
  operationId: 'beerEvents',
  summary: 'Every pour and removal, and the reports of the shares, as they happen',
  description:
    'CloudEvents as on `/v1/live`, resumed behind `Last-Event-ID` (or `?since=`, "0" for all that is kept) without a gap or a repeat, for 24 hours. As `text/event-stream` they come as they happen: first `start` where nothing tells from where to go on, or `resync` where more than 24 hours were missed. As JSON: those of the past, a page at a time.',
  tags,
  querystring: Type.Object({ since: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false }),
  headers: { type: 'object', properties: { 'last-event-id': { type: 'string' } } },
  response: {
    200: {
      description: 'The events.',
      headers: { 'X-Accel-Buffering': maybeHeader('Of the stream: no proxy should hold the stream back.', { const: 'no' }) },
      content: { 'application/json': { schema: ref('BeersEventList') }, 'text/event-stream': { schema: { type: 'string' } } },
    },
  },
};

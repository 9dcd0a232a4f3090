import { glassOf, glassTypes } from '../core/beer.ts';
import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { countPour, countRefusal } from '../http/beers/count-pour.ts';
import type { DropIn, DropInAnswer, DropInRequest, DropInSocket } from '../http/drop-in.ts';
import { parseStrictJson } from '../http/intake/strict-json.ts';
import type { Taps } from '../ports/taps.ts';
import { createBeerSocket } from './altair/beer-socket.ts';
import { beerView } from './altair/beer-view.ts';
import { readPage, textIn } from './altair/read-page.ts';
import { readPour } from './altair/read-pour.ts';
import type { DropInParts } from './drop-in-parts.ts';
import { jsonBody } from './json-body.ts';

/** Beers in one answer. Altair had no limit; a client that asks for more gets all that there is, as long as that is not more. */
const listedMax = 10_000;

const noGlass = { status: 403, message: 'There is no glass type for the specified volume' };

/** The server of the Altair taps: beers under the numbers 0, 1, 2…, and a socket that tells of them in sentences. They are those of `/v1/beers`. */
export function altair(parts: DropInParts): DropIn {
  const { taps } = parts;
  const connected = createBeerSocket(parts);
  return {
    routes: [
      { method: 'POST', path: '/api/beers', handle: (request) => pour(parts, request) },
      { method: 'GET', path: '/api/beers', handle: ({ query }) => list(taps, query) },
      {
        method: 'GET',
        path: '/api/beers/:id',
        handle: async ({ params }) => ({ status: 200, ...jsonBody({ beer: beerView(await find(taps, params.id)) }) }),
      },
      {
        method: 'DELETE',
        path: '/api/beers/:id',
        async handle({ params }) {
          const { id } = await find(taps, params.id);
          await taps.remove(id).catch((error: unknown) => refuseUnknown(error, params.id));
          return { status: 200 };
        },
      },
    ],
    // Its document writes both.
    sockets: ['/sockets/beers', '/socket/beers'].map((path): DropInSocket => ({ path, connected })),
    errorAnswer: ({ kind, message }) => jsonBody({ status: kind.status, message }),
  };
}

async function pour({ taps, measures }: DropInParts, { body, held }: DropInRequest): Promise<DropInAnswer> {
  const read = async () => readPour(await held.during(body(limits.beerBodyBytesMax), parseStrictJson));
  const wanted = await countRefusal(measures, read);
  if (glassOf(wanted.volume) === null) {
    measures.pourEnded('refused');
    return { status: noGlass.status, ...jsonBody(noGlass) };
  }
  const { beer } = await countPour(measures, () => taps.pour(wanted));
  return { status: 200, ...jsonBody({ beer: beerView(beer) }) };
}

/** In the order in which they were poured. */
async function list(taps: Taps, query: DropInRequest['query']): Promise<DropInAnswer> {
  const { offset, limit } = readPage(query);
  const asked = textIn(query, 'type') ?? '';
  const type = glassTypes.find((one) => one === asked);
  if (limit === 0 || (asked !== '' && type === undefined)) return { status: 200, ...jsonBody({ beers: [] }) };
  const wanted = { ...(type === undefined ? {} : { type }), order: 'rising', offset, limit: Math.min(limit, listedMax) } as const;
  const { beers, total } = await taps.beers(wanted);
  if (limit > listedMax && total - offset > listedMax) {
    throw new ServiceError('bad-request', `page_size may be ${listedMax} at most where there are more beers`);
  }
  return { status: 200, ...jsonBody({ beers: beers.map(beerView) }) };
}

/** By its number, or `not-found`. */
async function find(taps: Taps, id = '') {
  const beer = /^\d{1,15}$/.test(id) ? await taps.numbered(Number(id)) : null;
  return beer ?? refuseUnknown(new ServiceError('not-found', ''), id);
}

/** A `not-found` in the words of Altair; any other error as it is. */
function refuseUnknown(error: unknown, id = ''): never {
  if (!(error instanceof ServiceError) || error.code !== 'not-found') throw error;
  throw new ServiceError('not-found', `Beer with id ${id} not found`);
}

import type { PouredBeer, TapCount } from '../../core/beer.ts';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { DocumentQuery, StoredDocument } from '../../ports/document-store.ts';
import type { BeerQuery, NewPour, Poured, Taps } from '../../ports/taps.ts';
import { type BeerDocuments, beerBody, beerData, beerOf, beersCollection } from './beer-documents.ts';
import { createReports, type ReportParts, shareReport } from './reports.ts';

export interface TapsParts extends ReportParts {
  readonly documents: BeerDocuments;
}

export interface RunningTaps extends Taps {
  /** Before the first call. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const { name: collection } = beersCollection;

/** Beers in the document store, and the reports of the taps' shares. */
export function createTaps(parts: TapsParts): RunningTaps {
  const { documents, clock } = parts;
  const reports = createReports(parts);

  async function pour(wanted: NewPour): Promise<Poured> {
    const { tapId, volume, pouredAt } = wanted;
    const id = newId();
    const body = beerBody(tapId, volume, pouredAt ?? clock.now());
    const key = keyOf(wanted);
    const event = { type: 'beer.poured', data: beerData(id, body) };
    const change = { kind: 'insert', collection, id, body, event, ...(key === null ? {} : { key }) } as const;
    const [outcome] = await documents.write([change]);
    if (outcome?.kind === 'known') return { beer: sameBeer(wanted, outcome.document), isNew: false };
    if (outcome?.kind !== 'written') throw new Error(`a pour came to ${outcome?.kind}`);
    const { number } = outcome;
    reports.poured(number);
    return { beer: { id, number, ...body }, isNew: true };
  }

  async function find(id: string): Promise<PouredBeer> {
    const document = await documents.getDocument(collection, id);
    if (document === null) throw noBeer();
    return beerOf(document);
  }

  return {
    pour,
    beer: find,
    async numbered(number) {
      const document = await documents.getNumbered(collection, number);
      return document === null ? null : beerOf(document);
    },
    async beers({ order = 'falling', offset, limit, ...wanted }) {
      const query = { collection, ...matching(wanted) };
      const [found, total] = await Promise.all([
        documents.findDocuments({ ...query, order, offset, limit }),
        documents.countDocuments(query),
      ]);
      return { beers: found.map(beerOf), total };
    },
    async remove(id) {
      const beer = await find(id);
      const event = { type: 'beer.deleted', data: beerData(id, beer) };
      const [outcome] = await documents.write([{ kind: 'remove', collection, id, event }]);
      // Another call was faster.
      if (outcome?.kind === 'absent') throw noBeer();
      reports.changed();
      return beer;
    },
    async counts() {
      const each = await documents.countEach(collection, 'tapId');
      return each.map(({ value, count }): TapCount => ({ tapId: Number(value), beers: count }));
    },
    async tellShares() {
      await documents.write([shareReport]);
    },
    log: (after, limit) => documents.documentLog({ collection, after, limit }),
    logPruned: () => documents.documentLogPruned(),
    async start() {
      await documents.declare([beersCollection]);
      // What was not reported when the process ended is now.
      if ((await documents.countDocuments({ collection })) > 0) reports.changed();
    },
    stop: () => reports.stop(),
  };
}

/** Under which a pour is made once: tap and reading, else the request that it came with. */
function keyOf({ tapId, readingId, requestKey }: NewPour): string | null {
  if (readingId !== undefined) return `reading ${tapId} ${readingId}`;
  return requestKey === undefined ? null : `request ${requestKey}`;
}

/** The beer that a repeated pour has made before. A time that is not told is that of the first. */
function sameBeer({ volume, pouredAt }: NewPour, document: StoredDocument | null): PouredBeer {
  if (document === null) throw new ServiceError('reading-removed', 'This pour was taken before, and its beer has been deleted.');
  const beer = beerOf(document);
  if (beer.volume === volume && (pouredAt === undefined || pouredAt === beer.at)) return beer;
  const differs = beer.volume === volume ? 'pouredAt' : 'volume';
  throw new ServiceError('reading-conflict', `This tap has sent this readingId before, with another ${differs}.`, {
    fields: [{ pointer: `#/${differs}`, detail: 'is another than that of the pour that has this readingId' }],
  });
}

function matching({
  type,
  tapId,
  from,
  to,
}: Omit<BeerQuery, 'order' | 'offset' | 'limit'>): Omit<DocumentQuery, 'collection' | 'order' | 'offset' | 'limit'> {
  const where = { ...(type === undefined ? {} : { type }), ...(tapId === undefined ? {} : { tapId }) };
  return {
    ...(Object.keys(where).length === 0 ? {} : { where }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { below: to }),
  };
}

function noBeer(): ServiceError {
  return new ServiceError('not-found', 'There is no beer with this id.');
}

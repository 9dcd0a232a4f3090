import { beersCollectionName, type GlassType, glassOf, type PouredBeer } from '../../core/beer.ts';
import type { JsonObject } from '../../core/json.ts';
import { utcTime } from '../../core/utc-time.ts';
import type { Collection, DocumentChange, DocumentOutcome, DocumentStore, StoredDocument } from '../../ports/document-store.ts';

/** How beers lie in the document store. */
export const beersCollection: Collection = {
  name: beersCollectionName,
  orderedBy: 'at',
  indexes: [['type'], ['tapId'], ['type', 'tapId']],
};

/** The document store behind the doors of the engine: what is written is told live. */
export interface BeerDocuments extends Omit<DocumentStore, 'writeDocuments' | 'pruneDocumentLog'> {
  write(changes: readonly DocumentChange[]): Promise<DocumentOutcome[]>;
}

/** What is stored of a beer, besides its id. */
export interface BeerBody extends JsonObject {
  tapId: number;
  volume: number;
  type: GlassType;
  at: number;
}

export function beerBody(tapId: number, volume: number, at: number): BeerBody {
  const type = glassOf(volume);
  if (type === null) throw new RangeError(`no glass holds ${volume} ml`);
  return { tapId, volume, type, at };
}

export function beerOf({ id, number, body }: StoredDocument): PouredBeer {
  // Only `beerBody` makes the documents of this collection.
  const { tapId, volume, type, at } = body as BeerBody;
  return { id, number, tapId, volume, type, at };
}

/** What the events of a beer say of it: as clients see it. */
export function beerData(id: string, { tapId, volume, type, at }: Omit<PouredBeer, 'id' | 'number'>): JsonObject {
  return { id, tapId, volume, type, timestamp: utcTime(at) };
}

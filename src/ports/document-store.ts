import type { DocumentEvent, NewDocumentEvent } from '../core/events.ts';
import type { JsonObject } from '../core/json.ts';

/**
 * Keeps JSON documents in collections: beers, and whatever else is a list of records. A collection is declared, not migrated: its
 * documents may have any members, and those by which they are found are named in its indexes. Every write is durable when its promise
 * resolves, and the events that tell of it stand in the one log of the store (`JobStore.log`), in the same commit.
 */
export interface DocumentStore {
  /**
   * Makes ready what is declared: to be called at every start, before anything else. An index that is new is filled from what is
   * there, one that is no longer declared is taken away. A collection that was never declared cannot be used.
   */
  declare(collections: readonly Collection[]): Promise<void>;

  /** Each change whole or not at all, in order; one that is refused never spoils its neighbours. All of one call share a commit. */
  writeDocuments(changes: readonly DocumentChange[]): Promise<DocumentOutcome[]>;

  getDocument(collection: string, id: string): Promise<StoredDocument | null>;
  /** By its number within the collection. */
  getNumbered(collection: string, number: number): Promise<StoredDocument | null>;
  /** Costs what it gives, however many documents there are and however many of them it skips. */
  findDocuments(query: DocumentQuery): Promise<StoredDocument[]>;
  /** How many documents match, exactly; costs the same however many there are. */
  countDocuments(query: Omit<DocumentQuery, 'offset' | 'limit' | 'order'>): Promise<number>;
  /** How many documents there are for each value of an indexed member, as JSON text, in the order in which the values first came. */
  countEach(collection: string, member: string): Promise<readonly ValueCount[]>;

  /** The events of one collection in order, from behind `after` on: its share of the log. */
  documentLog(request: DocumentLogRequest): Promise<DocumentEvent[]>;
  /** The newest position of which an event of a document has been pruned, 0 where none was: who reads on from below it has missed something. */
  documentLogPruned(): Promise<number>;
  /** Removes the oldest events of documents, at most `limit`, that are older than `keepMs`; how many it removed. */
  pruneDocumentLog(limit: number, keepMs: number): Promise<number>;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

export interface DocumentLogRequest {
  readonly collection: string;
  readonly after: number;
  readonly limit: number;
}

/** What is to be known of a collection before it is used. */
export interface Collection {
  readonly name: string;
  /**
   * The member by which documents stand in order: an integer (milliseconds, mostly); a document that has none there stands at 0.
   * Without it documents stand in the order of their numbers.
   */
  readonly orderedBy?: string;
  /**
   * Members, alone and together, that documents may be looked up by: `[['type'], ['tapId'], ['type', 'tapId']]`. Texts, numbers or
   * booleans, and `1` is not `"1"`; a document without such a value in each of them is not found by that index.
   */
  readonly indexes: readonly (readonly string[])[];
}

export interface StoredDocument {
  readonly id: string;
  /** Rises by one a document within its collection, from 0 on; never given twice. */
  readonly number: number;
  readonly body: JsonObject;
}

export type DocumentChange =
  | {
      readonly kind: 'insert';
      readonly collection: string;
      readonly id: string;
      readonly body: JsonObject;
      /** Of documents with the same key within a collection only the first is kept, even if it has been removed since. */
      readonly key?: string;
      readonly event?: NewDocumentEvent;
    }
  | {
      readonly kind: 'replace';
      readonly collection: string;
      readonly id: string;
      readonly body: JsonObject;
      readonly event?: NewDocumentEvent;
    }
  | { readonly kind: 'remove'; readonly collection: string; readonly id: string; readonly event?: NewDocumentEvent }
  /**
   * Nothing but a line of the log. With `counted`, an indexed member, the store adds to its data `counts: [[value, count], …]`: what
   * `countEach` gives for the documents as they are at this very place of the log.
   */
  | { readonly kind: 'tell'; readonly collection: string; readonly event: NewDocumentEvent; readonly counted?: string };

/** Where nothing was written, no event was either. */
export type DocumentOutcome =
  | { readonly kind: 'written'; readonly number: number }
  /** Another document came with this key before: null where it has been removed. */
  | { readonly kind: 'known'; readonly document: StoredDocument | null }
  /** There is a document with this id already. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'told' };

export interface DocumentQuery {
  readonly collection: string;
  /** Members that must have these values, all of them together in one declared index. */
  readonly where?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Of the member that orders the collection: from this value on, and below this value. */
  readonly from?: number | undefined;
  readonly below?: number | undefined;
  /** By the member that orders the collection, then by number. */
  readonly order: 'rising' | 'falling';
  readonly offset: number;
  readonly limit: number;
}

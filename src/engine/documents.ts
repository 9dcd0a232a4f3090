import type { DocumentChange, DocumentOutcome, DocumentStore } from '../ports/document-store.ts';
import type { EngineParts } from './parts.ts';
import type { WriteGate } from './write-gate.ts';

/** Documents as HTTP, taps and the drop-ins see them: what the store does, behind the doors that keep the disk and the store from being overrun. */
export interface Documents
  extends Pick<
    DocumentStore,
    | 'declare'
    | 'getDocument'
    | 'getNumbered'
    | 'findDocuments'
    | 'countDocuments'
    | 'countEach'
    | 'documentLog'
    | 'documentLogPruned'
  > {
  /**
   * Durable when it resolves; then whoever follows the log hears of its events. Throws `insufficient-storage` where something is to
   * be stored and there is no room, and `overloaded` where too many wait for the store.
   */
  write(changes: readonly DocumentChange[]): Promise<DocumentOutcome[]>;
}

export function createDocuments({ store, bus, room }: Pick<EngineParts, 'store' | 'bus' | 'room'>, gate: WriteGate): Documents {
  return {
    declare: (collections) => store.declare(collections),
    getDocument: (collection, id) => store.getDocument(collection, id),
    getNumbered: (collection, number) => store.getNumbered(collection, number),
    findDocuments: (query) => store.findDocuments(query),
    countDocuments: (query) => store.countDocuments(query),
    countEach: (collection, member) => store.countEach(collection, member),
    documentLog: (request) => store.documentLog(request),
    documentLogPruned: () => store.documentLogPruned(),

    async write(changes) {
      if (changes.some(({ kind }) => kind === 'insert' || kind === 'replace')) await room.checkIntake();
      const outcomes = await gate.during(() => store.writeDocuments(changes));
      for (const collection of toldOf(changes, outcomes)) bus.publish({ kind: 'documents', collection });
      return outcomes;
    },
  };
}

/** The collections of which the log has something new to tell. */
function toldOf(changes: readonly DocumentChange[], outcomes: readonly DocumentOutcome[]): Set<string> {
  const told = changes.filter(({ event }, at) => {
    const kind = outcomes[at]?.kind;
    return event !== undefined && (kind === 'written' || kind === 'told');
  });
  return new Set(told.map(({ collection }) => collection));
}

import type { Documents } from '../../engine/documents.ts';
import type { StoredDocument } from '../../ports/document-store.ts';

/** What WebOCR calls a service: one link whose text is read, under a small number. */
export interface Entry extends NewEntry {
  /** From 1 on, rising; no two have the same. */
  readonly number: number;
}

export interface NewEntry {
  /** Of its job, where there is one. */
  readonly id: string;
  readonly caller: string;
  /** The address of the client that wanted it. */
  readonly client: string;
  readonly url: string;
  /** Why there is no job: the link cannot be fetched. */
  readonly refusal: string | null;
  readonly createdAt: number;
}

/** The numbers of jobs, kept among the documents: a job that is there has one for good. */
export interface EntryBook {
  /** Gives a number, or the entry that there is with the same id. */
  add(entry: NewEntry): Promise<Entry>;
  byId(id: string): Promise<Entry | null>;
  byNumber(number: number): Promise<Entry | null>;
  newest(caller: string, limit: number): Promise<Entry[]>;
  oldest(limit: number): Promise<Entry[]>;
  /** Its number is not given again. */
  remove(id: string): Promise<void>;
}

const collection = 'webocr';

export async function openEntryBook(documents: Documents): Promise<EntryBook> {
  await documents.declare([{ name: collection, indexes: [['caller']] }]);

  const byId = async (id: string) => {
    const found = await documents.getDocument(collection, id);
    return found === null ? null : entryOf(found);
  };
  return {
    async add(entry) {
      const { id, ...body } = entry;
      const [outcome] = await documents.write([{ kind: 'insert', collection, id, body }]);
      if (outcome?.kind === 'written') return { ...entry, number: outcome.number + 1 };
      const known = outcome?.kind === 'taken' ? await byId(id) : null;
      if (known === null) throw new Error(`the store did not number ${id}: ${outcome?.kind}`);
      return known;
    },
    byId,
    async byNumber(number) {
      const found = number < 1 ? null : await documents.getNumbered(collection, number - 1);
      return found === null ? null : entryOf(found);
    },
    async newest(caller, limit) {
      const found = await documents.findDocuments({ collection, where: { caller }, order: 'falling', offset: 0, limit });
      return found.map(entryOf);
    },
    async oldest(limit) {
      return (await documents.findDocuments({ collection, order: 'rising', offset: 0, limit })).map(entryOf);
    },
    async remove(id) {
      await documents.write([{ kind: 'remove', collection, id }]);
    },
  };
}

function entryOf({ id, number, body }: StoredDocument): Entry {
  // Written by `add` alone.
  return { ...(body as unknown as Omit<NewEntry, 'id'>), id, number: number + 1 };
}

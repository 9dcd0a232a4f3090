import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../engine/documents.ts';
import type { Engine } from '../../engine/engine.ts';

const collection = 'mqtt';
const id = 'link';
/** After a restart, events of this time may be told a second time. */
const saveMs = 1_000;

/** Who we are to the broker, and how far events have been published: kept over restarts. */
export interface LinkPlace {
  readonly clientId: string;
  /** The position of the log up to which everything has been published. */
  readonly position: number;
  reached(position: number): Promise<void>;
  save(): Promise<void>;
}

/** Reads the place, or begins one at the end of the log. */
export async function openLinkPlace(engine: Pick<Engine, 'documents' | 'logEnd'>, clock: Clock): Promise<LinkPlace> {
  const { documents } = engine;
  await documents.declare([{ name: collection, indexes: [] }]);
  const { clientId, position: from } = (await kept(documents)) ?? (await begun(engine));
  let position = from;
  let saved = from;
  let savedAt = clock.now();

  async function save(): Promise<void> {
    if (saved === position) return;
    const body = { clientId, position };
    await documents.write([{ kind: 'replace', collection, id, body }]);
    saved = body.position;
    savedAt = clock.now();
  }

  return {
    clientId,
    get position() {
      return position;
    },
    async reached(next) {
      position = next;
      if (clock.now() >= savedAt + saveMs) await save();
    },
    save,
  };
}

interface Place {
  readonly clientId: string;
  readonly position: number;
}

async function kept(documents: Documents): Promise<Place | null> {
  const document = await documents.getDocument(collection, id);
  if (document === null) return null;
  const { clientId, position } = document.body;
  return { clientId: String(clientId), position: Number(position) };
}

async function begun({ documents, logEnd }: Pick<Engine, 'documents' | 'logEnd'>): Promise<Place> {
  // Brokers need not take more than 23 characters.
  const place = { clientId: `coatcheck-${randomBytes(6).toString('hex')}`, position: await logEnd() };
  await documents.write([{ kind: 'insert', collection, id, body: { ...place } }]);
  return place;
}

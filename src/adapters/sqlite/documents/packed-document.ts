import type { NewDocumentEvent } from '../../../core/events.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { DocumentChange, DocumentOutcome, StoredDocument } from '../../../ports/document-store.ts';
import { parse } from '../rows.ts';

/** Documents on their way to and from the thread that writes: bodies as text, which travels faster than an object and as it was. */
export interface PackedDocument {
  readonly id: string;
  readonly number: number;
  readonly body: string;
}

export interface PackedEvent {
  readonly type: string;
  readonly data: string;
}

export type PackedChange =
  | {
      readonly kind: 'insert';
      readonly collection: string;
      readonly id: string;
      readonly body: string;
      readonly key: string | undefined;
      readonly event: PackedEvent | undefined;
    }
  | {
      readonly kind: 'replace';
      readonly collection: string;
      readonly id: string;
      readonly body: string;
      readonly event: PackedEvent | undefined;
    }
  | { readonly kind: 'remove'; readonly collection: string; readonly id: string; readonly event: PackedEvent | undefined }
  | { readonly kind: 'tell'; readonly collection: string; readonly event: PackedEvent; readonly counted: string | undefined };

export type PackedOutcome =
  | Exclude<DocumentOutcome, { kind: 'known' }>
  | { readonly kind: 'known'; readonly document: PackedDocument | null };

export function packedChange(change: DocumentChange): PackedChange {
  const { collection } = change;
  if (change.kind === 'tell') {
    return { kind: 'tell', collection, event: packedEvent(change.event), counted: change.counted };
  }
  const event = change.event === undefined ? undefined : packedEvent(change.event);
  const { id } = change;
  if (change.kind === 'remove') return { kind: 'remove', collection, id, event };
  const body = JSON.stringify(change.body);
  return change.kind === 'replace'
    ? { kind: 'replace', collection, id, body, event }
    : { kind: 'insert', collection, id, body, key: change.key, event };
}

function packedEvent({ type, data }: NewDocumentEvent): PackedEvent {
  return { type, data: JSON.stringify(data) };
}

export function outcomeOf(packed: PackedOutcome): DocumentOutcome {
  if (packed.kind !== 'known') return packed;
  return { kind: 'known', document: packed.document === null ? null : documentOf(packed.document) };
}

export function documentOf({ id, number, body }: PackedDocument): StoredDocument {
  return { id, number, body: parse<JsonObject>(body) };
}

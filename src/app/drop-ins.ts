import { altair } from '../dropin/altair.ts';
import { classification } from '../dropin/classification.ts';
import type { DropInParts } from '../dropin/drop-in-parts.ts';
import { thumbnailify } from '../dropin/thumbnailify.ts';
import type { DropIn } from '../http/drop-in.ts';

/** Older services whose clients are served: each is added by its line here, and to the table of docs/drop-in.md. */
const makers = { classification, thumbnailify, altair } satisfies Record<string, (parts: DropInParts) => DropIn | null>;

export type DropInName = keyof typeof makers;
export const dropInNames: readonly DropInName[] = ['classification', 'thumbnailify', 'altair'];

/** Those that are wanted; not told which, all of them: there is no authentication that their clients could not pass. */
export function openDropIns(wanted: readonly DropInName[] | null, parts: DropInParts): readonly DropIn[] {
  return (wanted ?? dropInNames).flatMap((name) => makers[name](parts) ?? []);
}

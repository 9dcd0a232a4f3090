import { altair } from '../dropin/altair.ts';
import { classification } from '../dropin/classification.ts';
import type { DropInParts } from '../dropin/drop-in-parts.ts';
import { thumbnailify } from '../dropin/thumbnailify.ts';
import { webocr } from '../dropin/webocr.ts';
import type { DropIn } from '../http/drop-in.ts';

type Opened = DropIn | null;
type Maker = (parts: DropInParts) => Opened | Promise<Opened>;

/** Older services whose clients are served: each is added by its line here, and to the table of docs/drop-in.md. */
const makers = { webocr, classification, thumbnailify, altair } satisfies Record<string, Maker>;

export type DropInName = keyof typeof makers;
export const dropInNames: readonly DropInName[] = ['webocr', 'classification', 'thumbnailify', 'altair'];

/** Those that are wanted; not told which, all of them: there is no authentication that their clients could not pass. */
export async function openDropIns(wanted: readonly DropInName[] | null, parts: DropInParts): Promise<readonly DropIn[]> {
  const opened = await Promise.all((wanted ?? dropInNames).map(async (name) => makers[name](parts)));
  return opened.filter((dropIn) => dropIn !== null);
}

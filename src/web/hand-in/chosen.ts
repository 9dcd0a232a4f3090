import { signal } from '@preact/signals';
import { toast } from '../../ui/toasts.tsx';
import { announce } from './announce.ts';
import { filesMax, type Source } from './files/found-sources.ts';
import { mediaTypeOf } from './files/kinds.ts';

/** Something in the tray. */
export interface Chosen {
  readonly id: number;
  readonly source: Source;
  readonly name: string;
  /** Null of a link. */
  readonly bytes: number | null;
  /** As far as it is known before the server has looked. */
  readonly mediaType: string | null;
}

/** What lies in the tray, in the order in which it came. It stays there while other pages are looked at. */
export const chosen = signal<readonly Chosen[]>([]);
let lastId = 0;

/** Puts sources into the tray; what lies there already is not taken twice. */
export function choose(sources: readonly Source[]): void {
  const fresh = sources.filter((source, at) => sources.findIndex((each) => same(each, source)) === at && !isThere(source));
  const room = filesMax - chosen.value.length;
  if (fresh.length > room) {
    toast({
      kind: 'bad',
      text: `At most ${filesMax} files fit in at once. The first are taken; hand them in, then add the others.`,
    });
  }
  const added = fresh.slice(0, room).map(chosenOf);
  if (added.length === 0) {
    if (sources.length > 0 && room > 0) announce('That is in the list already.');
    return;
  }
  chosen.value = [...chosen.value, ...added];
  announce(added.length === 1 ? `${added[0]?.name} added.` : `${added.length} files added.`);
}

export function chosenOf(source: Source): Chosen {
  lastId += 1;
  if (source.kind === 'link') return { id: lastId, source, name: source.url, bytes: null, mediaType: null };
  const { file } = source;
  return { id: lastId, source, name: file.name, bytes: file.size, mediaType: mediaTypeOf(file) };
}

export function unchoose(ids: readonly number[]): void {
  chosen.value = chosen.value.filter(({ id }) => !ids.includes(id));
}

function isThere(source: Source): boolean {
  return chosen.value.some((each) => same(each.source, source));
}

function same(one: Source, other: Source): boolean {
  if (one.kind === 'link' || other.kind === 'link') return one.kind === 'link' && other.kind === 'link' && one.url === other.url;
  const [a, b] = [one.file, other.file];
  return (
    a.name === b.name && a.size === b.size && a.lastModified === b.lastModified && a.webkitRelativePath === b.webkitRelativePath
  );
}

/** What a person hands in: a file, or a link that the server fetches. */
export type Source = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'link'; readonly url: string };

/** More at once would be a task for a program. */
export const filesMax = 1_000;

/** Files of the system that lie in folders and that nobody means. */
const unmeant = /^(?:\.|Thumbs\.db$|desktop\.ini$)/;

/** What was dropped or pasted: files, those in folders too, or else links. Has to be called while the event is handled. */
export async function foundSources(transfer: DataTransfer): Promise<Source[]> {
  const found = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((part) => ({ entry: part.webkitGetAsEntry(), file: part.getAsFile() }));
  const links = linksIn(transfer.getData('text/uri-list') || transfer.getData('text/plain'));
  const files: File[] = [];
  for (const { entry, file } of found) {
    if (entry?.isDirectory === true) await walk(entry, files);
    else if (file !== null) files.push(file);
  }
  return files.length > 0 ? files.map((file) => ({ kind: 'file', file })) : links.map((url) => ({ kind: 'link', url }));
}

/** All lines of a text that are addresses; none where something else stands between them. */
export function linksIn(text: string): string[] {
  const lines = text.split(/\s+/).filter((line) => line !== '');
  return lines.every(isLink) ? lines : [];
}

function isLink(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

async function walk(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (files.length > filesMax || unmeant.test(entry.name)) return;
  if (entry instanceof FileSystemFileEntry) {
    files.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
  } else if (entry instanceof FileSystemDirectoryEntry) {
    const reader = entry.createReader();
    for (;;) {
      // A folder gives its entries in parts; an empty part is the end.
      const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (part.length === 0) return;
      for (const each of part) await walk(each, files);
    }
  }
}

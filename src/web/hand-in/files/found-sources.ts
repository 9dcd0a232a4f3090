/** What a person hands in: a file, or a link that the server fetches. */
export type Source = { readonly kind: 'file'; readonly file: File } | { readonly kind: 'link'; readonly url: string };

/** More at once would be a task for a program. */
export const filesMax = 1_000;

/** Files of the system that lie in folders and that nobody means. */
const unmeant = /^(?:\.|Thumbs\.db$|desktop\.ini$)/;

export interface Found {
  readonly sources: readonly Source[];
  /** Names of files and folders that the browser could not read. */
  readonly unreadable: readonly string[];
}

/** What was dropped or pasted: files, those in folders too, or else links. Has to be called while the event is handled. */
export async function foundSources(transfer: DataTransfer): Promise<Found> {
  const found = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((part) => ({ entry: part.webkitGetAsEntry(), file: part.getAsFile() }));
  const links = linksIn(transfer.getData('text/uri-list') || transfer.getData('text/plain'));
  const files: File[] = [];
  const unreadable: string[] = [];
  for (const { entry, file } of found) {
    if (entry?.isDirectory === true) await walk(entry, files, unreadable);
    else if (file !== null) files.push(file);
  }
  const sources: Source[] =
    files.length > 0 ? files.map((file) => ({ kind: 'file', file })) : links.map((url) => ({ kind: 'link', url }));
  return { sources, unreadable };
}

/** All lines of a text that are addresses; none where something else stands between them. */
export function linksIn(text: string): string[] {
  const lines = text.split(/\s+/).filter((line) => line !== '');
  return lines.every(isLink) ? lines : [];
}

function isLink(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** What cannot be read is told, and keeps nothing else away. */
async function walk(entry: FileSystemEntry, files: File[], unreadable: string[]): Promise<void> {
  if (files.length > filesMax || unmeant.test(entry.name)) return;
  try {
    if (isFile(entry)) files.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
    else if (isFolder(entry)) for (const each of await entriesOf(entry)) await walk(each, files, unreadable);
  } catch {
    unreadable.push(entry.name);
  }
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    // A folder gives its entries in parts; an empty part is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0 || entries.length > filesMax) return entries;
    entries.push(...part);
  }
}

// Browsers do not give the classes of these by name.
function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TapeEvent } from './file-tape.ts';

interface Inode {
  readonly isFolder: boolean;
  /** What is sure to be there after a power cut. */
  durable: Buffer;
  /** In order, not yet synced; a number is a new length. */
  pending: (Patch | number)[];
  end: number;
  names: Map<string, Inode>;
  pendingNames: { readonly name: string; readonly inode: Inode | null }[];
}

interface Patch {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * A disk that keeps only what was synced, as POSIX allows: bytes of a file by a sync of the file, names in a folder by a sync of the
 * folder. Of the rest any part may be there after a power cut, in any order, writes also in part.
 */
export class UnsafeDisk {
  readonly #top: string;
  readonly #root = newInode(true);
  /** As a running program sees it. */
  readonly #now = new Map<string, Inode>();
  readonly #syncs = new Map<number, { pending: number; names: number }>();

  /** @param top a folder that is there and safe; only what happens below is followed */
  constructor(top: string) {
    this.#top = top;
    this.#now.set(top, this.#root);
  }

  apply(event: TapeEvent): void {
    if (event.kind === 'told' || !(event.path === this.#top || event.path.startsWith(`${this.#top}/`))) return;
    const { path } = event;
    const inode = this.#now.get(path);
    switch (event.kind) {
      case 'create':
        if (inode === undefined) this.#name(path, newInode(false));
        return;
      case 'mkdir':
        this.#name(path, newInode(true));
        return;
      case 'remove':
        this.#name(path, null);
        return;
      case 'rename':
        if (inode === undefined) throw new Error(`the tape renames ${path}, which it has not made`);
        this.#name(path, null);
        this.#name(event.to, inode);
        return;
      case 'write': {
        if (inode === undefined) return;
        const at = event.at ?? inode.end;
        if (event.at === null) inode.end += event.bytes.length;
        inode.pending.push({ at, bytes: event.bytes });
        return;
      }
      case 'truncate':
        inode?.pending.push(event.length);
        return;
      case 'syncBegins':
        if (inode !== undefined) this.#syncs.set(event.sync, { pending: inode.pending.length, names: inode.pendingNames.length });
        return;
      case 'syncEnds': {
        const covered = this.#syncs.get(event.sync);
        if (inode !== undefined && covered !== undefined) settle(inode, covered);
      }
    }
  }

  /** Writes to `folder` what may be there after a power cut now. `kept` says of each thing that was not synced whether it is there. */
  cut(folder: string, kept: () => boolean, share: () => number): void {
    write(this.#root, folder, kept, share);
  }

  #name(path: string, inode: Inode | null): void {
    if (inode === null) this.#now.delete(path);
    else this.#now.set(path, inode);
    this.#now.get(dirname(path))?.pendingNames.push({ name: basename(path), inode });
  }
}

function newInode(isFolder: boolean): Inode {
  return { isFolder, durable: Buffer.alloc(0), pending: [], end: 0, names: new Map(), pendingNames: [] };
}

/** Makes what was pending at the begin of a sync durable; another sync may have done so for a part of it. */
function settle(inode: Inode, { pending, names }: { pending: number; names: number }): void {
  for (const patch of inode.pending.splice(0, pending)) inode.durable = patched(inode.durable, patch);
  for (const { name, inode: named } of inode.pendingNames.splice(0, names)) rename(inode.names, name, named);
}

function patched(content: Buffer, patch: Patch | number): Buffer {
  if (typeof patch === 'number') return resized(content, patch);
  const next = resized(content, Math.max(content.length, patch.at + patch.bytes.length));
  patch.bytes.copy(next, patch.at);
  return next;
}

function resized(content: Buffer, length: number): Buffer {
  if (length <= content.length) return Buffer.from(content.subarray(0, length));
  return Buffer.concat([content, Buffer.alloc(length - content.length)]);
}

function rename(names: Map<string, Inode>, name: string, inode: Inode | null): void {
  if (inode === null) names.delete(name);
  else names.set(name, inode);
}

function write(inode: Inode, path: string, kept: () => boolean, share: () => number): void {
  if (!inode.isFolder) {
    let content = inode.durable;
    for (const patch of inode.pending) if (kept()) content = patched(content, torn(patch, share()));
    writeFileSync(path, content);
    return;
  }
  mkdirSync(path, { recursive: true });
  const names = new Map(inode.names);
  for (const { name, inode: named } of inode.pendingNames) if (kept()) rename(names, name, named);
  for (const [name, named] of names) if (!name.endsWith('-shm')) write(named, join(path, name), kept, share);
}

const sectorBytes = 512;

/** The first sectors of a write. */
function torn(patch: Patch | number, share: number): Patch | number {
  if (typeof patch === 'number') return patch;
  const bytes = Math.ceil((patch.bytes.length * share) / sectorBytes) * sectorBytes;
  return { at: patch.at, bytes: patch.bytes.subarray(0, bytes) };
}

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../client/client.ts';
import { isId } from '../core/ids.ts';
import { namesFolder } from './prepare-output.ts';
import { UsageError } from './usage-error.ts';

/** A file that was saved, or with `path` null written to standard output. */
export interface SavedFile {
  readonly file: string | null;
  readonly path: string | null;
}

/** The ids of the files that a result names (`{"file": id}`, however deep), in order. */
export function filesOf(result: unknown): string[] {
  const found = new Set<string>();
  const visit = (value: unknown, name: string | null) => {
    if (typeof value === 'string' && name === 'file' && isId(value)) found.add(value);
    if (Array.isArray(value)) for (const member of value) visit(member, name === 'files' ? 'file' : null);
    else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) visit(member, key);
  };
  visit(result, null);
  return [...found];
}

/**
 * Saves the output files of a job: into the folder `target` under names of their own; as `target` where there is one; as
 * `target-1.png`, `target-2.png`, … where there are several. A service that makes no files has its result saved as JSON, in a folder
 * under the name of what was handed in; where `target` ends with .txt, its text alone. `taken` holds the names that are given already in the folder, and gets the new ones.
 */
export async function saveOutputs(
  client: Client,
  { result, name: source }: { readonly result: unknown; readonly name: string },
  target: string,
  signal: AbortSignal,
  taken: Set<string> = new Set(),
): Promise<SavedFile[]> {
  const files = filesOf(result);
  const folder = namesFolder(target) || (await isFolder(target));
  if (target === '-' && files.length > 1)
    throw new UsageError(`The job made ${files.length} files: name a folder with --output, not "-".`);
  if (files.length === 0) {
    const name = `${parse(safeName(source, '')).name || 'result'}.json`;
    return [await saveResult(result, folder ? join(target, distinct(name, taken)) : target)];
  }
  const saved: SavedFile[] = [];
  for (const [index, file] of files.entries()) {
    const { stream, name } = await client.download(file, { signal });
    if (target === '-') {
      await pipeline(stream, process.stdout, { end: false, signal });
      saved.push({ file, path: null });
      continue;
    }
    const path = folder ? join(target, distinct(safeName(name, file), taken)) : numbered(target, index, files.length);
    await writeWhole(path, (partial) => pipeline(stream, createWriteStream(partial, { flags: 'wx' }), { signal }));
    saved.push({ file, path });
  }
  return saved;
}

async function saveResult(result: unknown, path: string): Promise<SavedFile> {
  const text = (extname(path) === '.txt' && textOf(result)) || `${JSON.stringify(result, null, 2)}\n`;
  if (path === '-') process.stdout.write(text);
  else await writeWhole(path, (partial) => writeFile(partial, text, { flag: 'wx' }));
  return { file: null, path: path === '-' ? null : path };
}

/** What was read, where that is what the service does. */
function textOf(result: unknown): string | null {
  const isText = typeof result === 'object' && result !== null && 'text' in result && typeof result.text === 'string';
  return isText ? `${result.text}\n` : null;
}

/** Under its name the file is there whole or not at all. */
async function writeWhole(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The server is not trusted to choose where a file goes. */
function safeName(name: string | null, otherwise: string): string {
  const base = basename((name ?? '').replaceAll('\\', '/')).replace(/[\p{Cc}\p{Cf}]/gu, '');
  return base === '' || base === '.' || base === '..' ? otherwise : base;
}

function distinct(name: string, taken: Set<string>): string {
  let free = name;
  for (let index = 1; taken.has(free); index++) free = numbered(name, index, 2);
  taken.add(free);
  return free;
}

function numbered(path: string, index: number, count: number): string {
  if (count === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${index + 1}${extension}`;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

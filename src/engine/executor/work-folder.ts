import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFolder } from './empty-folder.ts';

/**
 * The folder of one executor process: `in/` for its input, `out/` for what it makes, `tmp/` for what it needs meanwhile, and
 * `mount/`, which stays empty on this side: a sandbox builds its root there.
 */
export interface WorkFolder {
  readonly path: string;
  readonly in: string;
  readonly out: string;
  readonly tmp: string;
  readonly mount: string;
}

const parts = ['in', 'out', 'tmp', 'mount'] as const;

/** Makes a new folder with a name that no other executor process has had, readable by this user only. */
export async function makeWorkFolder(parent: string, executor: number): Promise<WorkFolder> {
  const path = join(parent, `${executor}-${randomBytes(8).toString('hex')}`);
  await mkdir(path, { mode: 0o700 });
  for (const part of parts) await mkdir(join(path, part), { mode: 0o700 });
  return { path, in: join(path, 'in'), out: join(path, 'out'), tmp: join(path, 'tmp'), mount: join(path, 'mount') };
}

/**
 * Empties the folder for the next task. Looks with the quick synchronous call first, because most folders are empty already.
 * Rejects where it is not as it was made: then the executor cannot be used any more.
 */
export async function emptyWorkFolder(folder: WorkFolder): Promise<void> {
  const entries = readdirSync(folder.path, { withFileTypes: true });
  const isAsMade = entries.length === parts.length && entries.every((entry) => entry.isDirectory() && isPart(entry.name));
  if (!isAsMade) throw new Error('The work folder was changed by a task.');
  for (const path of [folder.in, folder.out, folder.tmp]) {
    if (readdirSync(path).length > 0) await emptyFolder(path);
  }
}

function isPart(name: string): boolean {
  return parts.some((part) => part === name);
}

const usualEnding: Readonly<Record<string, string>> = { jpeg: 'jpg', plain: 'txt', 'vnd.microsoft.icon': 'ico' };

/** Where the input of a task lies: only its media type has a say in the name, never the client. */
export function inputPath(folder: WorkFolder, mediaType: string): string {
  const subtype = (mediaType.split('/')[1] ?? '').replace(/[+;].*$/, '');
  const ending = usualEnding[subtype] ?? (/^[a-z0-9]{1,12}$/.test(subtype) ? subtype : 'bin');
  return join(folder.in, `input.${ending}`);
}

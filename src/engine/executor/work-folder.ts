import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readdirSync, unlinkSync } from 'node:fs';
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

/** So many files of a folder are kept as empty files for the next task. */
const keptMax = 16;
const ourNames = /^\d+$/;
const toTruncate = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Takes everything of a task away before the next one, but for the inputs that are to be kept. An input that is a link to a file that stays elsewhere is unlinked; our own
 * inputs and the output files are cut to nothing and will be written again: making and deleting files for every task is dear
 * (ext4 passes over the inodes that were deleted in the last seconds, one by one).
 * Looks with quick synchronous calls first, because there is little to do mostly. Rejects where the folder is not as it was
 * made: then the executor cannot be used any more.
 */
export async function emptyWorkFolder(folder: WorkFolder, keptInputs: readonly string[]): Promise<void> {
  clearInputs(folder, keptInputs);
  if (untouched.get(folder) === changeTimes(folder).join()) return;
  const entries = readdirSync(folder.path, { withFileTypes: true });
  const isAsMade = entries.length === parts.length && entries.every((entry) => entry.isDirectory() && isPart(entry.name));
  if (!isAsMade) throw new Error('The work folder was changed by a task.');
  if (!cutFiles(folder.out)) await emptyFolder(folder.out);
  if (readdirSync(folder.tmp).length > 0) await emptyFolder(folder.tmp);
  if (readdirSync(folder.out).length === 0) remember(folder);
}

/** When the folders of a work folder were last changed, of those that were empty then: a task cannot set this time (ctime). */
const untouched = new WeakMap<WorkFolder, string>();
/** The clock of a file system goes in steps of some milliseconds: a change within the step of the last one would not show. */
const clockStepMs = 50;

function remember(folder: WorkFolder): void {
  const times = changeTimes(folder);
  if (Date.now() - Math.max(...times) > clockStepMs) untouched.set(folder, times.join());
  else untouched.delete(folder);
}

function changeTimes({ path, out, tmp }: WorkFolder): number[] {
  return [path, out, tmp].map((each) => lstatSync(each).ctimeMs);
}

/** False where there is anything but a few plain files under names of ours. */
function cutFiles(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true });
  const isOurs = entries.length <= keptMax && entries.every((entry) => entry.isFile() && ourNames.test(entry.name));
  return isOurs && entries.every(({ name }) => cutFile(join(folder, name)));
}

/** Takes inputs away, but for those that are to be kept. */
export function clearInputs(folder: WorkFolder, keptInputs: readonly string[]): void {
  for (const name of readdirSync(folder.in)) {
    const path = join(folder.in, name);
    if (!keptInputs.includes(path) && !cutFile(path, 1)) unlinkSync(path);
  }
}

/**
 * False where it is not a file that has this name only. One byte is left of an input: ext4 would send what is written to a file
 * that was cut to nothing to the disk at once.
 */
function cutFile(path: string, bytesLeft = 0): boolean {
  const fd = openSync(path, toTruncate);
  try {
    const { size, nlink } = fstatSync(fd);
    if (nlink !== 1) return false;
    if (size > bytesLeft) ftruncateSync(fd, bytesLeft);
    return true;
  } finally {
    closeSync(fd);
  }
}

function isPart(name: string): boolean {
  return parts.some((part) => part === name);
}

const usualEnding: Readonly<Record<string, string>> = { jpeg: 'jpg', plain: 'txt', 'vnd.microsoft.icon': 'ico' };

/** Where the output number `index` of a task lies. Tasks come and go, the file stays. */
export function outputPath(out: string, index: number): string {
  return join(out, String(index));
}

/** There may be two inputs at once, that of the task that runs and that of the next one. */
export type InputPlace = 'input' | 'input-2';

/** Where the input of a task lies: only its media type has a say in the name, never the client. */
export function inputPath(folder: WorkFolder, place: InputPlace, mediaType: string): string {
  const subtype = (mediaType.split('/')[1] ?? '').replace(/[+;].*$/, '');
  const ending = usualEnding[subtype] ?? (/^[a-z0-9]{1,12}$/.test(subtype) ? subtype : 'bin');
  return join(folder.in, `${place}.${ending}`);
}

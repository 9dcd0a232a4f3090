import { constants } from 'node:fs';
import { open, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const depthMax = 64;
const asFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Removes everything in a folder that an untrusted process may be changing meanwhile. On Linux every step is taken relative to
 * an open descriptor (`/proc/self/fd/<n>/name` is what `unlinkat` does), so that swapping a folder for a symbolic link leads
 * nowhere. Rejects where something cannot be removed, comes back meanwhile, or lies deeper than 64 folders.
 */
export async function emptyFolder(path: string): Promise<void> {
  if (process.platform === 'linux') return emptyOpened(path, 0);
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
}

/** Removes a folder with all that is in it, under the same conditions. That it is not there is no error. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await emptyFolder(path);
    await rmdir(path);
  } catch (error) {
    // What is no folder, or is gone, or lies too deep: Node's own way, which does not follow links either.
    await rm(path, { recursive: true, force: true }).catch((second: unknown) => {
      throw new AggregateError([error, second], `The folder ${path} cannot be removed.`);
    });
  }
}

async function emptyOpened(path: string | Buffer, depth: number): Promise<void> {
  if (depth > depthMax) throw new Error(`There are more than ${depthMax} folders inside each other.`);
  const folder = await open(path, asFolder);
  try {
    const here = `/proc/self/fd/${folder.fd}`;
    // Names as bytes: one that is no UTF-8 could not be named as a string.
    for (const entry of await readdir(here, { withFileTypes: true, encoding: 'buffer' })) {
      const inside = Buffer.concat([Buffer.from(`${here}/`), entry.name]);
      if (!entry.isDirectory()) await unlink(inside);
      else {
        await emptyOpened(inside, depth + 1);
        await rmdir(inside);
      }
    }
  } finally {
    await folder.close();
  }
}

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../adapters/filesystem/durable-folder.ts';

/**
 * Makes a folder and those above it that are missing, one by one: under a place where none can be made, such as /proc, Node's own
 * recursive way goes round for ever. Throws what `mkdir` says.
 */
export async function makeFolders(path: string, mode = 0o700): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder, { mode }).catch(async (error: unknown) => {
      // Another process may have been quicker.
      if (!(await isThere(folder))) throw error;
    });
    // Whatever is kept in the folder is lost with its name.
    await syncFolder(dirname(folder));
  }
  // Says what is wrong with a file of that name.
  if (missing.length === 0) await mkdir(path, { recursive: true, mode });
}

async function isThere(path: string): Promise<boolean> {
  return (
    dirname(path) === path ||
    (await stat(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    ))
  );
}

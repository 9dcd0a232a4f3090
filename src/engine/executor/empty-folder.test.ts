import { mkdir, readdir, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { emptyFolder, removeFolder } from './empty-folder.ts';

describe('emptying a folder', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder = '';
  let precious = '';
  beforeEach(async () => {
    temporary = await temporaryFolder();
    [folder, precious] = [join(temporary.path, 'folder'), join(temporary.path, 'precious')];
    await mkdir(folder);
    await mkdir(precious);
    await writeFile(join(precious, 'file'), 'x');
  });
  afterEach(() => temporary.remove());

  it('removes files, folders and links, and leaves what links lead to', async () => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await writeFile(join(folder, 'a', 'b', 'file'), 'x');
    await symlink(precious, join(folder, 'a', 'link'));
    await symlink('nowhere', join(folder, 'broken'));
    await emptyFolder(folder);
    expect(await readdir(folder)).toEqual([]);
    expect(await readdir(precious)).toEqual(['file']);
  });

  it.runIf(process.platform === 'linux')('never leads through a folder that is swapped for a link meanwhile', async () => {
    let isOver = false;
    const [inside, aside] = [join(folder, 'inside'), join(temporary.path, 'aside')];
    const swap = async () => {
      while (!isOver) {
        await mkdir(inside).catch(() => {});
        await writeFile(join(inside, 'file'), 'x').catch(() => {});
        await rename(inside, aside).catch(() => {});
        await symlink(precious, inside).catch(() => {});
        await unlink(inside).catch(() => {});
        await rename(aside, inside).catch(() => {});
      }
    };
    const swapping = swap();
    // Failing is fine here: the swapping puts new things in its way.
    for (let round = 0; round < 300; round += 1) await emptyFolder(folder).catch(() => {});
    isOver = true;
    await swapping;
    expect(await readdir(precious)).toEqual(['file']);
  });

  it('refuses a link in place of the folder itself', async () => {
    await symlink(precious, join(folder, 'link'));
    if (process.platform === 'linux') await expect(emptyFolder(join(folder, 'link'))).rejects.toThrow();
    await removeFolder(join(folder, 'link'));
    expect(await readdir(precious)).toEqual(['file']);
    await removeFolder(join(folder, 'absent'));
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives `work` what it needs and takes it all away afterwards: `folder()` makes a folder of its own, `using(part)` stops a
 * started process at the end. Folders lie in TMPDIR: both sides of a row on the same disk.
 */
export async function withWorkspace(work) {
  const ends = [];
  const workspace = {
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'coatcheck-bench-'));
      ends.push(() => rm(path, { recursive: true, force: true }));
      return path;
    },
    async using(starting) {
      const part = await starting;
      ends.push(() => part.stop());
      return part;
    },
  };
  try {
    return await work(workspace);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

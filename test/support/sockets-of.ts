import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The sockets that a process has open (Linux). */
export async function socketsOf(pid: number): Promise<number> {
  const fds = `/proc/${pid}/fd`;
  // A descriptor may be closed before it is looked at.
  const targets = await Promise.all((await readdir(fds)).map((fd) => readlink(join(fds, fd)).catch(() => '')));
  return targets.filter((target) => target.startsWith('socket:')).length;
}

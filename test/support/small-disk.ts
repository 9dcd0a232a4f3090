import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramOptions } from './program.ts';

/** A disk in memory of a few megabytes, which only programs that are started `through` it see under its own path. */
export interface SmallDisk {
  /** Where programs within see it. */
  readonly inside: string;
  /** Where the test sees it. */
  readonly path: string;
  readonly through: NonNullable<ProgramOptions['through']>;
  /** Writes a file of zeros until the disk is full, or until it has `bytesMax` bytes; how many it wrote. */
  fill(name: string, bytesMax?: number): number;
  free(name: string): void;
  /** Takes the disk away under whoever uses it, as a cable does. */
  detach(): void;
  remove(): Promise<void>;
}

/**
 * Whether such disks can be made here (user namespaces are allowed). Where not, it is said loudly, and in CI it is an error: tests
 * that nobody runs show nothing.
 */
export function canMakeSmallDisks(): boolean {
  const works = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  if (works) return true;
  const sentence = 'A SMALL DISK CANNOT BE MOUNTED HERE (unshare -Urm): THE TESTS OF A FULL DISK DO NOT RUN.';
  if (process.env.CI !== undefined) throw new Error(sentence);
  console.warn(sentence);
  return false;
}

/** @param at an empty folder, on which the disk is mounted */
export async function makeSmallDisk(at: string, megabytes: number): Promise<SmallDisk> {
  const script = 'mount -t tmpfs -o "size=$1" none "$0" && echo mounted && exec sleep infinity';
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', script, at, `${megabytes}m`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the small disk could not be mounted'))),
  ]);
  const through = ['nsenter', '--target', String(holder.pid), '--user', '--mount', '--preserve-credentials'];
  const path = join(`/proc/${holder.pid}/root`, at);
  return {
    inside: at,
    path,
    through,
    fill: (name, bytesMax) => fill(join(path, name), bytesMax),
    free: (name) => rmSync(join(path, name), { force: true }),
    detach() {
      const [command = '', ...args] = [...through, 'umount', '--lazy', at];
      const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`the small disk could not be taken away: ${stderr}`);
    },
    async remove() {
      holder.kill('SIGKILL');
      await ended;
    },
  };
}

/** Goes on where an earlier call has stopped. */
function fill(path: string, bytesMax = Number.POSITIVE_INFINITY): number {
  mkdirSync(join(path, '..'), { recursive: true });
  const fd = openSync(path, 'a');
  try {
    let written = 0;
    for (let step = 64 * 1024; step >= 1; ) {
      if (written >= bytesMax) return written;
      try {
        written += writeSync(fd, Buffer.alloc(Math.min(step, bytesMax - written)));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        step = Math.floor(step / 16);
      }
    }
    return written;
  } finally {
    closeSync(fd);
  }
}

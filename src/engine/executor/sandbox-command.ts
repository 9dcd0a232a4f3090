import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ExecutorState } from '../../ports/executor-pool.ts';
import type { SandboxView } from './sandbox-view.ts';
import type { WorkFolder } from './work-folder.ts';

export type SandboxKind = ExecutorState['sandbox'];

/** A program and its arguments, as `spawn` takes them. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** Wraps a command so that it runs without a network, in a process tree of its own, seeing only the view and its work folder. */
export function sandboxCommand(kind: SandboxKind, view: SandboxView, folder: WorkFolder, inner: Command): Command {
  if (kind === 'bwrap') return bwrapCommand(view, folder, inner);
  if (kind === 'unshare') return unshareCommand(view, folder, inner);
  return inner;
}

/**
 * With bubblewrap. The input is mounted read-only, `out/` and `tmp/` are mount points, so that the executor cannot swap them for
 * links; everything else, the synthetic root too, is read-only. There is no `/tmp`: files in memory would escape the limit.
 */
function bwrapCommand(view: SandboxView, folder: WorkFolder, inner: Command): Command {
  const args = [
    ...['--unshare-user', '--unshare-all', '--die-with-parent', '--cap-drop', 'ALL'],
    ...view.readOnly.flatMap((path) => ['--ro-bind', path, path]),
    ...view.links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--ro-bind', folder.in, folder.in, '--bind', folder.out, folder.out, '--bind', folder.tmp, folder.tmp],
    // `/proc` too: whom the kernel knows as root may write to `/proc/sys` even without capabilities.
    ...['--remount-ro', '/proc', '--remount-ro', '/dev', '--remount-ro', '/', '--chdir', folder.tmp],
    ...['--', inner.file, ...inner.args],
  ];
  return { file: programPath('bwrap'), args };
}

/**
 * With the tools of util-linux: the same view built by a script in new namespaces. The old root is left by `pivot_root` and
 * unmounted (a mere `chroot` can be climbed out of), and all capabilities are dropped before Node starts.
 */
function unshareCommand(view: SandboxView, folder: WorkFolder, inner: Command): Command {
  const namespaces = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
  const script = ['/bin/sh', '-c', unshareScript(view, folder), 'coatcheck-sandbox', inner.file, ...inner.args];
  return {
    file: programPath('setpriv'),
    args: ['--pdeathsig', 'KILL', '--', programPath('unshare'), ...namespaces, '--', ...script],
  };
}

const devices = ['null', 'zero', 'full', 'random', 'urandom'];

function unshareScript(view: SandboxView, folder: WorkFolder): string {
  const root = quote(folder.mount);
  return [
    // Not exported: the environment of the executor stays empty.
    'set -eu; PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    `mount -t tmpfs -o size=1m,mode=755 tmpfs ${root}; cd ${root}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    'seen() { if [ -d "$1" ]; then mkdir -p ".$1"; else mkdir -p ".${1%/*}"; : > ".$1"; fi; mount --rbind "$1" ".$1"; }',
    'readonly_() { seen "$1"; mount -o remount,bind,ro ".$1"; }',
    ...view.readOnly.map((path) => `readonly_ ${quote(path)}`),
    ...view.links.map(
      ({ path, target }) => `mkdir -p .${quote(path)}; rmdir .${quote(path)}; ln -s ${quote(target)} .${quote(path)}`,
    ),
    `readonly_ ${quote(folder.in)}; seen ${quote(folder.out)}; seen ${quote(folder.tmp)}`,
    ...devices.map((name) => `seen /dev/${name}`),
    'ln -s /proc/self/fd dev/fd',
    'mkdir -p proc .old; mount -t proc proc proc; mount -o remount,bind,ro proc',
    'pivot_root . .old; cd /; umount -l /.old; rmdir /.old; mount -o remount,bind,ro /',
    `cd ${quote(folder.tmp)}`,
    // Not by `exec`: the shell stays as the first process of the tree, because the first one is deaf to signals of its own.
    'setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"',
    'exit 0',
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where a program lies, for the environment of the child names no folders to search; its bare name where it is not found. */
function programPath(name: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin'].filter((folder) =>
    folder.startsWith('/'),
  );
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

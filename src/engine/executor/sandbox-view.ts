import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the machine a sandboxed executor sees besides its work folder: nothing of it can be written to. */
export interface SandboxView {
  readonly readOnly: readonly string[];
  /** Symbolic links that are made anew inside, such as `/lib` to `usr/lib`. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/** System programs, libraries and fonts. Not the whole of `/usr` or `/etc`: installations and secrets may lie in other parts of them. */
const systemPaths = [
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
  ...['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libx32', '/usr/libexec', '/usr/share'],
  ...['/usr/local/bin', '/usr/local/lib', '/usr/local/share', '/nix/store'],
  ...['/etc/alternatives', '/etc/fonts', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/localtime'],
  ...['/etc/ld-musl-x86_64.path', '/etc/ld-musl-aarch64.path', '/var/cache/fontconfig'],
];

/**
 * The view that Node, the compiled program and the given modules need: the system, the program's `dist`, and every
 * `node_modules` that Node's resolution may look into; and the folders that tasks read. `program` is the entry module of the
 * executor, inside `dist`.
 */
export function sandboxView(program: URL, modules: readonly URL[], folders: readonly string[] = []): SandboxView {
  // A module that is missing fails its own tasks, not the start of the pool.
  const files = [program, ...modules]
    .map((url) => fileURLToPath(url))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  const dist = realpathSync(fileURLToPath(new URL('../../', program)));
  const needed = [
    ...[realpathSync(process.execPath), dist],
    ...files.map(dirname),
    ...files.flatMap(packagePaths),
    ...folders.map((folder) => realpathSync(folder)),
  ];
  const system = systemPaths.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  const isLink = (path: string) => lstatSync(path).isSymbolicLink();
  return {
    readOnly: withoutNested([...system.filter((path) => !isLink(path)), ...needed]),
    links: system.filter(isLink).map((path) => ({ path, target: readlinkSync(path) })),
  };
}

/** What Node reads on the way up from a module: its package's description (which says whether it is ESM) and packages. */
function packagePaths(file: string): string[] {
  const above = foldersAbove(file);
  const owner = above.find((folder) => existsSync(join(folder, 'package.json')));
  const packages = above.map((folder) => join(folder, 'node_modules')).filter((path) => existsSync(path));
  return [...(owner === undefined ? [] : [join(owner, 'package.json')]), ...packages.map((path) => realpathSync(path))];
}

function foldersAbove(file: string): string[] {
  const folder = dirname(file);
  return folder === file ? [] : [folder, ...foldersAbove(folder)];
}

/** Each path once, parents first, without those that lie in another one. */
function withoutNested(paths: readonly string[]): string[] {
  const kept: string[] = [];
  for (const path of [...new Set(paths)].sort()) {
    if (!kept.some((parent) => path.startsWith(parent + sep))) kept.push(path);
  }
  return kept;
}

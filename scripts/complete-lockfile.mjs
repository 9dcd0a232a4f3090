/**
 * Mends package-lock.json after `npm install`. Adds the optional packages of other platforms that npm left out because its registry
 * did not serve them: npm refuses such a lock file in `npm ci` ("Missing: … from lock file"). Takes the mark of an install script from
 * packages whose scripts `allowScripts` of package.json refuses: an npm that does not know that field runs what is marked.
 * Usage: node scripts/complete-lockfile.mjs [folder of the lock file]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(process.argv[2] ?? '.', 'package-lock.json');
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** What a package for one platform says about itself, as its name tells it: `@scope/name-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  const libc = words.flatMap((word) => libraries[word] ?? []);
  return { ...(os.length && { os }), ...(cpu.length && { cpu }), ...(libc.length && { libc }) };
}

/** Whether `name` is found from the folder of `from`, as Node looks for it. */
function isLocked(packages, from, name) {
  const parents = from === '' ? [''] : from.split(/(?=\/node_modules\/)/).map((_, i, all) => all.slice(0, i + 1).join(''));
  return ['', ...parents].some((parent) => Object.hasOwn(packages, `${parent === '' ? '' : `${parent}/`}node_modules/${name}`));
}

function missing(packages) {
  return Object.entries(packages).flatMap(([from, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => /^\d/.test(version) && !isLocked(packages, from, name))
      .map(([name, version]) => [`node_modules/${name}`, { version, ...(dev && { dev }), optional: true, ...platformOf(name) }]),
  );
}

/** The lock file's entry for a package, without the mark where its script is refused. */
function unmarked(refused, [where, entry]) {
  const { hasInstallScript: _mark, ...others } = entry;
  return [where, refused.some((name) => where.endsWith(`node_modules/${name}`)) ? others : entry];
}

const lock = JSON.parse(readFileSync(path, 'utf8'));
const { allowScripts = {} } = JSON.parse(readFileSync(join(path, '../package.json'), 'utf8'));
const refused = Object.keys(allowScripts).filter((name) => allowScripts[name] === false);
const added = missing(lock.packages);
const packages = [...Object.entries(lock.packages), ...added]
  .sort(([a], [b]) => a.localeCompare(b, 'en'))
  .map((one) => unmarked(refused, one));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
console.log(
  `${path}: ${added.length} packages added${added.length > 0 ? `: ${added.map(([where]) => where.slice(13)).join(', ')}` : ''}`,
);

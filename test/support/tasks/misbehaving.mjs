import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

/** What an executor must survive, or must not be able to do: its option `act` says which. */

const channelFd = 3;
const forever = () => new Promise(() => {});
const done = (result = {}) => ({ kind: 'done', result });
const tries = (action) => {
  try {
    action();
    return true;
  } catch {
    return false;
  }
};
/** What lies in a folder, but for files that were cut: those wait to be written again. */
const withContent = (folder, cutBytes = 0) =>
  readdirSync(folder).filter((name) => {
    const found = lstatSync(join(folder, name));
    return !found.isFile() || found.size > cutBytes;
  });
/** Fills memory in steps, so that a limit is passed while it still runs. */
const fillMemory = async () => {
  for (const kept = []; ; ) {
    kept.push(Buffer.alloc(8 * 1024 ** 2, 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const acts = {
  nothing: () => done(),
  pid: () => done({ pid: process.pid }),
  compute({ options }) {
    for (const end = performance.now() + options.ms; performance.now() < end; );
    return done();
  },
  now: () => done({ at: Date.now() }),

  exit: () => process.exit(3),
  signal({ options }) {
    process.kill(process.pid, options.signal);
    return forever();
  },
  abort: () => process.abort(),
  throw() {
    throw new Error('a fault of the task');
  },
  forgetRejection() {
    void Promise.reject(new Error('nobody looks'));
    return forever();
  },

  loop({ progress }) {
    // The first word of progress is held back for a while.
    for (const end = performance.now() + 200; performance.now() < end; ) progress(null, 'looping');
    for (;;);
  },
  fillMemory,
  async fillMemoryOfChild() {
    spawn(process.execPath, ['-e', `(${fillMemory})()`], { stdio: 'ignore' });
    return forever();
  },
  hang({ progress }) {
    progress(null, 'hanging');
    return forever();
  },
  async obey({ signal, progress }) {
    progress(null, 'waiting');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return done();
  },
  /** Leaves a process behind in a group of its own, which outlives it where there is no sandbox. */
  leaveDaemon({ progress }) {
    const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
    progress(null, String(pid));
    return forever();
  },

  reportOnce({ progress }) {
    progress(1);
    return done();
  },
  async reportOften({ progress, options }) {
    const end = Date.now() + options.ms;
    for (let count = 0; Date.now() < end; count += 1) {
      progress(count / 1000 - 1, `step ${count} ${'x'.repeat(1000)}`);
      if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    progress(0.75, 'the last');
    return done();
  },
  floodChannel() {
    for (;;) writeSync(channelFd, '{"type":"progress","run":1,"progress":{"fraction":0.5,"message":null}}\n');
  },
  floodOutput() {
    for (let count = 0; count < 2_000; count += 1) process.stdout.write('x'.repeat(10_000));
    process.stderr.write('the end of the output');
    return done();
  },
  say({ options }) {
    writeSync(channelFd, options.text);
    return forever();
  },
  sayWithoutEnd() {
    for (;;) tries(() => writeSync(channelFd, 'x'.repeat(100_000)));
  },
  closeChannel() {
    closeSync(channelFd);
    return forever();
  },

  output({ output, options }) {
    const { id, path } = output(options.name ?? 'made.txt', options.mediaType ?? 'text/plain');
    if (options.how === 'link') symlinkSync(options.target, path);
    else if (options.how === 'folder') mkdirSync(path);
    else if (options.how !== 'missing') writeFileSync(path, 'made');
    return done({ file: id });
  },
  copy({ input, output }) {
    const { id, path } = output('copy.txt', 'text/plain');
    writeFileSync(path, readFileSync(input.path));
    return done({ file: id, ...input });
  },
  returnText: () => 'not an outcome',
  returnLarge: ({ options }) => done({ text: 'x'.repeat(options.chars) }),

  changeInput({ input: { path } }) {
    const ways = {
      write: () => writeFileSync(path, 'changed'),
      append: () => appendFileSync(path, 'changed'),
      truncate: () => truncateSync(path),
      mode: () => chmodSync(path, 0o777),
      times: () => utimesSync(path, 1, 1),
      remove: () => unlinkSync(path),
      rename: () => renameSync(path, join(dirname(path), 'renamed')),
      descriptor: () => openSync(`/proc/self/fd/${openSync(path, 'r')}`, 'r+'),
    };
    return done({ read: readFileSync(path, 'utf8'), changed: Object.keys(ways).filter((way) => tries(ways[way])) });
  },

  async outputsOfSizes({ options, outputBytes }) {
    for (const size of options.sizes) await outputBytes('sized.txt', 'text/plain', Buffer.alloc(size, 7));
    return done();
  },

  litter({ folder }) {
    const deep = join(folder, ...'abcdef');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'file'), 'x');
    symlinkSync('/etc', join(folder, 'link'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'a name that is no text');
    writeFileSync(join(dirname(folder), 'out', 'unannounced'), 'x');
    return done();
  },
  litterBeside({ folder }) {
    writeFileSync(join(dirname(folder), 'beside'), 'x');
    return done();
  },
  look({ folder }) {
    const own = dirname(folder);
    return done({
      own: readdirSync(own),
      in: withContent(join(own, 'in'), 1),
      out: withContent(join(own, 'out')),
      tmp: readdirSync(folder),
    });
  },

  async connect({ options }) {
    const reached = await new Promise((resolve) => {
      connect(options.port, '127.0.0.1')
        .on('connect', () => resolve(true))
        .on('error', () => resolve(false));
    });
    return done({ reached });
  },
  read: ({ options }) =>
    done({ seen: options.paths.filter((path) => tries(() => readFileSync(path)) || tries(() => readdirSync(path))) }),
  write: ({ options }) =>
    done({ written: options.folders.filter((folder) => tries(() => writeFileSync(join(folder, 'written'), ''))) }),
  neighbours: ({ folder }) => done({ folders: readdirSync(join(folder, '..', '..')) }),
  environment: () => done({ names: Object.keys(process.env) }),
  processes() {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const environments = ids.map((id) => {
      try {
        return readFileSync(`/proc/${id}/environ`, 'latin1');
      } catch {
        return '';
      }
    });
    return done({ ids, environments: environments.join('') });
  },
  /** Writes that only root may do; harmless where they succeed, because they write what is there already. */
  kernelSettings() {
    const path = '/proc/sys/kernel/core_pattern';
    return done({
      written: tries(() => writeFileSync(path, readFileSync(path))),
      mode: readFileSync('/proc/self/status', 'latin1').match(/CapEff:\s*(\w+)/)[1],
    });
  },
};

export const task = async (context) => acts[context.options.act](context);

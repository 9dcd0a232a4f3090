import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const startMsMax = 60_000;
const stopMsMax = 30_000;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A TCP port of 127.0.0.1 that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until `question` resolves with something true; rejects with `what` after `msMax`. */
export async function until(what, question, msMax = startMsMax, everyMs = 20) {
  const deadline = performance.now() + msMax;
  while (performance.now() < deadline) {
    const answer = await question();
    if (answer) return answer;
    await sleep(everyMs);
  }
  throw new Error(`${what}: not within ${msMax} ms`);
}

/** Forks a script of the bench that answers each message `{ask, ...}` with one `{answer}` or `{error}`, and first says `{ready}`. */
export async function startChild(script, options, { logFile } = {}) {
  const stderr = logFile === undefined ? 'inherit' : openSync(logFile, 'a');
  const child = fork(fileURLToPath(new URL(`../${script}`, import.meta.url)), [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', stderr, 'ipc'],
  });
  const failed = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${script} ended: ${code ?? signal}`);
  });
  failed.catch(() => {}); // It ends in the usual way, too; whoever waits for an answer races against this.
  const answer = async () => {
    const [message] = await Promise.race([once(child, 'message'), failed]);
    if (message.error !== undefined) throw new Error(`${script}: ${message.error}`);
    return message;
  };
  const ready = await answer();
  return {
    ...ready,
    pid: child.pid,
    ask(question) {
      const reply = answer();
      child.send(question);
      return reply;
    },
    stop: () => stop(child),
  };
}

/** Pieces a second of children that share `count` pieces of work: each answers with the milliseconds that its share took. */
export async function workOff(children, count) {
  const times = await Promise.all(children.map((child) => child.ask({})));
  return (count * 1000) / Math.max(...times.map(({ answer }) => answer));
}

/** The real server: `node dist/cli/main.js serve` on a free port, its log in a file beside its data. */
export async function startServer(folder, flags = []) {
  const port = await freePort();
  const words = [join(root, 'dist/cli/main.js'), 'serve', '--port', String(port), '--data', join(folder, 'data'), ...flags];
  const log = openSync(join(folder, 'server.log'), 'a');
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', log, log] });
  const url = `http://127.0.0.1:${port}`;
  await until(`coatcheck serve (log in ${folder})`, async () => {
    if (child.exitCode !== null) throw new Error(`coatcheck serve ended with ${child.exitCode}; its log is in ${folder}`);
    return fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
  });
  return { url, pid: child.pid, stop: () => stop(child) };
}

/** A Redis server of our own, its append-only file synced as `fsync` says (`everysec` or `always`). */
export async function startRedis(folder, fsync) {
  const port = await freePort();
  const words = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    fsync,
    '--save',
    '',
  ];
  const child = spawn('redis-server', words.map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))]);
  const answers = () =>
    new Promise((resolve) => {
      const probe = spawn('redis-cli', ['-p', String(port), 'ping'], { stdio: 'ignore' });
      probe.on('error', () => resolve(false)).on('exit', (code) => resolve(code === 0));
    });
  await until('redis-server', answers);
  return { port, stop: () => stop(child) };
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await gone;
  clearTimeout(timer);
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accepts, freePort } from './free-port.ts';
import { eventually, temporaryFolder } from './program.ts';

/** Whether this machine has the broker. Without it the tests of MQTT are left out, and say so; in CI that is a failure. */
export const hasMosquitto: boolean = found();

function found(): boolean {
  if (spawnSync('mosquitto', ['-h']).error === undefined) return true;
  if (process.env.CI !== undefined) throw new Error('there is no mosquitto: MQTT cannot be tested');
  console.warn('MQTT IS NOT TESTED: there is no mosquitto. Install it (Debian: apt-get install mosquitto).');
  return false;
}

export interface Mosquitto {
  readonly url: string;
  /** Ends it at once; what it kept in memory is on its disk only as of its last save. */
  stop(): Promise<void>;
  /** On the same port again. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A real broker on a free port of the loopback address, with its sessions on its disk. */
export async function startMosquitto(): Promise<Mosquitto> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const file = join(folder.path, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder.path}/`,
  ];
  // Started as root, the broker would go on as a user of its own, who cannot write here.
  await writeFile(file, [...lines, 'user root', 'max_queued_messages 100000', 'max_inflight_messages 100', ''].join('\n'));
  let broker: ChildProcess;

  async function start(): Promise<void> {
    broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
    await eventually('the broker listens', () => accepts(port), 30_000);
  }

  async function stop(): Promise<void> {
    const ended = once(broker, 'exit');
    broker.kill('SIGTERM');
    await ended;
  }

  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start,
    stop,
    async remove() {
      if (broker.exitCode === null) await stop();
      await folder.remove();
    },
  };
}

import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { reachMqttBroker } from '../adapters/mqtt/device-broker.ts';
import { FolderLocked, lockFolder } from '../adapters/sqlite/folder-lock.ts';
import { formatBytes } from '../core/byte-sizes.ts';
import { redactText } from '../core/redact.ts';
import { type Check, note, ok, problem } from './doctor-check.ts';
import type { Settings } from './settings.ts';

const freeBytesMin = 100 * 1024 ** 2;
const answerMs = 2_000;

/** What the places that the settings name hold: the data folder, the address, the broker. */
export async function placeChecks(settings: Settings): Promise<Check[]> {
  return [
    await dataFolder(settings.data),
    await freeSpace(settings),
    await lock(settings.data),
    await address(settings),
    ...(settings.mqtt === null ? [] : [await mqttBroker(settings.mqtt)]),
  ];
}

async function mqttBroker(url: string): Promise<Check> {
  try {
    await reachMqttBroker(url);
    return ok('mqtt', `${redactText(url)} lets us in`);
  } catch (error) {
    const reason = redactText(error instanceof Error ? error.message : String(error));
    return problem('mqtt', `${redactText(url)} cannot be used (${reason})`, 'Look at the address and the user in --mqtt.');
  }
}

async function dataFolder(data: string): Promise<Check> {
  const place = await existing(data);
  const missing = place !== data;
  try {
    if (!(await stat(place)).isDirectory())
      return problem('data folder', `${place} is a file, not a folder`, 'Choose another folder with --data.');
    await access(place, constants.W_OK | constants.X_OK);
    return ok('data folder', missing ? `${data} will be made` : `${data} can be written`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem(
      'data folder',
      `${place} cannot be written (${reason})`,
      'Choose another folder with --data, or change its owner.',
    );
  }
}

/** The folder itself, or the nearest one above it that is there. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found !== null || dirname(path) === path ? path : existing(dirname(path));
}

async function freeSpace({ data, uploadBytesMax, storageReserveBytes }: Settings): Promise<Check> {
  const { bavail, bsize } = await statfs(await existing(data));
  const bytes = bavail * bsize;
  const found = `${formatBytes(bytes)} free where the data folder lies`;
  if (bytes < Math.max(freeBytesMin, storageReserveBytes))
    return problem('disk', found, 'Free some space, or choose another folder with --data.');
  if (bytes < uploadBytesMax + storageReserveBytes)
    return note('disk', found, `The largest upload (${formatBytes(uploadBytesMax)}) does not fit.`);
  return ok('disk', found);
}

async function lock(data: string): Promise<Check> {
  if ((await existing(data)) !== data) return ok('lock', 'no server is using the data folder');
  try {
    lockFolder(data).release();
    return ok('lock', 'no server is using the data folder');
  } catch (error) {
    if (error instanceof FolderLocked)
      return note('lock', 'a server is using the data folder now', 'A second one needs another folder.');
    return problem(
      'lock',
      `the data folder cannot be locked (${error instanceof Error ? error.message : error})`,
      'Use a local disk: the lock does not work on some network file systems.',
    );
  }
}

async function address({ host, port }: Settings): Promise<Check> {
  const found = `${host} port ${port}`;
  const code = await listenError(host, port);
  if (code === null) return ok('address', port === 0 ? `${host}, any free port` : `${found} is free`);
  if (code === 'EADDRINUSE') {
    const version = await coatcheckAt(host, port);
    if (version !== null)
      return note('address', `Coatcheck ${version} answers at ${found}`, 'A second server needs another --port.');
    return problem(
      'address',
      `${found} is in use by another program`,
      'Stop it, or choose another port with --port (0 takes any free one).',
    );
  }
  if (code === 'EACCES')
    return problem('address', `${found} may not be opened by this user`, 'Choose a port above 1023 with --port.');
  return problem('address', `${found} cannot be opened (${code})`, 'Give an address of this machine with --host.');
}

/** The error code of trying to listen there, null where it works. */
function listenError(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** The version of the Coatcheck that answers there, or null where something else does. */
async function coatcheckAt(host: string, port: number): Promise<string | null> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${name}:${port}/livez`, { signal: AbortSignal.timeout(answerMs) });
    const health: unknown = await response.json();
    const known =
      typeof health === 'object' && health !== null && 'status' in health && health.status === 'ok' && 'version' in health;
    return known ? String(health.version) : null;
  } catch {
    // Whatever is wrong with the answer: it is not ours.
    return null;
  }
}

import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, sep } from 'node:path';
import { reachMqttBroker } from '../adapters/mqtt/device-broker.ts';
import { FolderLocked, folderLockPath, lockFolder } from '../adapters/sqlite/folder-lock.ts';
import { formatBytes } from '../core/byte-sizes.ts';
import { hasCode } from '../core/has-code.ts';
import { messageOf } from '../core/message-of.ts';
import { redactText } from '../core/redact.ts';
import { type Check, note, ok, problem } from './doctor-check.ts';
import type { Settings } from './settings.ts';

const freeBytesMin = 100 * 1024 ** 2;
const answerMs = 2_000;

/** What the places that the settings name hold: the data folder, the address, the broker. */
export async function placeChecks(settings: Settings): Promise<Check[]> {
  const places = await folders(settings);
  const isUsable = places.every(({ name, status }) => name !== 'data folder' || status === 'ok');
  return [
    ...places,
    await freeSpace(settings),
    // What keeps a folder from being written keeps it from being locked.
    ...(isUsable ? [await lock(settings.data)] : []),
    await address(settings),
    ...(settings.mqtt === null ? [] : [await mqttBroker(settings.mqtt)]),
  ];
}

async function mqttBroker(url: string): Promise<Check> {
  try {
    await reachMqttBroker(url);
    return ok('mqtt', `${redactText(url)} lets us in`);
  } catch (error) {
    const reason = redactText(messageOf(error));
    return problem('mqtt', `${redactText(url)} cannot be used (${reason})`, 'Look at the address and the user in --mqtt.');
  }
}

/** Of each place of ours whether it can be written; the others only where they lie outside of the data folder. */
async function folders({ data, database, blobs }: Settings): Promise<Check[]> {
  const others = [
    { name: 'database', path: dirname(database.path), flag: '--database' },
    { name: 'blobs', path: blobs.path, flag: '--blobs' },
  ].filter(({ path }) => path !== data && !path.startsWith(`${data}${sep}`));
  const places = [{ name: 'data folder', path: data, flag: '--data' }, ...others];
  return Promise.all(places.map(({ name, path, flag }) => folder(name, path, flag)));
}

async function folder(name: string, path: string, flag: string): Promise<Check> {
  const place = await existing(path);
  try {
    if (!(await stat(place)).isDirectory())
      return problem(name, `${place} is a file, not a folder`, `Choose another folder with ${flag}.`);
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(name, place === path ? `${path} can be written` : `${path} will be made`);
  } catch (error) {
    const mend = hasCode(error, 'EROFS') ? 'mount it for writing' : 'change its owner';
    return problem(name, `${place} cannot be written (${messageOf(error)})`, `Choose another folder with ${flag}, or ${mend}.`);
  }
}

/** The folder itself, or the nearest one above it that can be seen. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found !== null || dirname(path) === path ? path : existing(dirname(path));
}

async function freeSpace({ data, uploadBytesMax, storageReserveBytes }: Settings): Promise<Check> {
  const { bavail, bsize } = await statfs(await existing(data));
  const bytes = bavail * bsize;
  const found = `${formatBytes(bytes)} free where the data folder lies`;
  const least = Math.max(freeBytesMin, storageReserveBytes);
  if (bytes < least)
    return problem(
      'disk',
      `${found}; nothing new is taken below ${formatBytes(least)}`,
      'Free some space, or choose another folder with --data.',
    );
  if (bytes < uploadBytesMax + storageReserveBytes)
    return note('disk', found, `The largest upload (${formatBytes(uploadBytesMax)}) does not fit.`);
  return ok('disk', found);
}

async function lock(data: string): Promise<Check> {
  const isMade = (await existing(data)) === data;
  if (!isMade) return ok('lock', 'no server is using the data folder');
  const hadLock = (await stat(folderLockPath(data)).catch(() => null)) !== null;
  try {
    const held = lockFolder(data);
    if (hadLock) held.release();
    else held.remove();
    return ok('lock', 'no server is using the data folder');
  } catch (error) {
    if (error instanceof FolderLocked)
      return note('lock', 'a server is using the data folder now', 'A second one needs another folder.');
    const advice = hasCode(error, 'SQLITE_FULL')
      ? 'Free some space first.'
      : 'Use a local disk: the lock does not work on some network file systems.';
    return problem('lock', `the data folder cannot be locked (${messageOf(error)})`, advice);
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

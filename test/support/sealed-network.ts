import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './program.ts';

/** Where names are asked for inside. */
export const nameServerAddress = '127.0.0.53';

/** A network that has every address it was made with, public ones too, and no way out. */
export interface SealedNetwork {
  /** Command that starts a program inside. */
  readonly through: readonly string[];
  /** A server of this process that listens inside. */
  readonly listen: (host: string, port: number) => Promise<Server>;
  /** Where the names of all programs inside are asked for. */
  nameSocket(): Promise<DatagramSocket>;
  /** Whether something listens there. */
  knock(host: string, port: number): Promise<boolean>;
  /** A port on this machine that leads to this one on the loopback address inside. */
  relay(port: number): Promise<number>;
  close(): Promise<void>;
}

const setUp = `set -e
mount --bind "$1" /etc/resolv.conf
ip link set lo up
shift
run="$1 $2"
shift 2
for address in "$@"; do ip addr add "$address" dev lo; done
exec $run`;

/**
 * A network of its own with these addresses besides loopback (Linux, with user namespaces, `ip` and `nsenter`). Elsewhere null,
 * which is told aloud, and fails a run in CI.
 */
export async function openSealedNetwork(addresses: readonly string[]): Promise<SealedNetwork | null> {
  const folder = await temporaryFolder();
  try {
    return await open(folder.path, addresses, folder.remove);
  } catch (error) {
    await folder.remove();
    const told = `a network of its own cannot be made here. ${error instanceof Error ? error.message : String(error)}`;
    if (process.env.CI) throw new Error(told);
    console.warn(`NOT TESTED: ${told}`);
    return null;
  }
}

async function open(folder: string, addresses: readonly string[], remove: () => Promise<void>): Promise<SealedNetwork> {
  const names = join(folder, 'resolv.conf');
  await writeFile(names, `nameserver ${nameServerAddress}\n`);
  const inside = fileURLToPath(new URL('./network-inside.mjs', import.meta.url));
  const given = [names, process.execPath, inside, ...addresses];
  const child = spawn('unshare', ['-rnm', 'sh', '-c', setUp, 'sh', ...given], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const ask = asking(child);
  await ask.ready;
  const handed = async <T>(kind: new (...options: never[]) => T, question: string, place: object): Promise<T> => {
    const { handle } = await ask(question, place);
    if (handle instanceof kind) return handle;
    throw new Error(`no socket came for ${question}`);
  };
  return {
    through: ['nsenter', '--preserve-credentials', '-U', '-m', '-n', '-t', String(child.pid), '--'],
    listen: (host, port) => handed(Server, 'listen', { host, port }),
    nameSocket: () => handed(DatagramSocket, 'datagrams', { host: nameServerAddress, port: 53 }),
    knock: async (host, port) => (await ask('knock', { host, port })).open === true,
    async relay(port) {
      const outside = createServer();
      await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
      const { port: ours } = outside.address() as AddressInfo;
      await ask('relay', { host: '127.0.0.1', port }, outside);
      outside.close();
      return ours;
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
      await remove();
    },
  };
}

interface Said {
  readonly id: number;
  readonly error?: string;
  readonly open?: boolean;
}
type Answer = Said & { readonly handle: unknown };

/** Questions to the program inside; rejects with what it complained of once it has ended. */
function asking(child: ChildProcess) {
  const waiting = new Map<number, (answer: Answer) => void>();
  let next = 1;
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.on('message', (message, handle) => {
    const said = message as Said;
    waiting.get(said.id)?.({ ...said, handle });
    waiting.delete(said.id);
  });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(complaint.trim() || 'It ended.')));
  });
  ended.catch(() => undefined);
  const answerTo = (id: number) => Promise.race([new Promise<Answer>((resolve) => waiting.set(id, resolve)), ended]);
  const ask = async (question: string, place: object, handle?: SendHandle): Promise<Answer> => {
    const id = next++;
    const coming = answerTo(id);
    child.send({ id, ask: question, ...place }, handle);
    const answer = await coming;
    if (answer.error !== undefined) throw new Error(`${question} ${JSON.stringify(place)}: ${answer.error}`);
    return answer;
  };
  return Object.assign(ask, { ready: answerTo(0) });
}

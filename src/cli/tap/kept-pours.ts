import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lockOwnFile } from '../../app/lock-own-file.ts';
import { hasCode } from '../../core/has-code.ts';
import { messageOf } from '../../core/message-of.ts';
import { UsageError } from '../usage-error.ts';

type Lock = NonNullable<ReturnType<typeof lockOwnFile>>;

/** A pour as it is kept until the server has it: what is sent, down to the letter, however often it takes. */
export interface KeptPour {
  readonly tapId: number;
  readonly volume: number;
  readonly readingId: string;
  readonly pouredAt: string;
}

/** Lines of pours that have been settled; beyond so many the file is written anew without them. */
const settledLinesMax = 1_000;

/**
 * The pours that the server does not have yet, oldest first, in a file: one line when a pour is made, synced before it counts as made,
 * and one when it is settled. What was kept when the process was killed is there when it is opened again; the readingId makes a pour
 * that was sent but not yet noted as settled harmless.
 */
export class KeptPours {
  readonly path: string;
  readonly #lock: Lock;
  readonly #pours: Map<string, KeptPour>;
  #file: FileHandle;
  #settledLines: number;
  #turn: Promise<void> = Promise.resolve();
  /** A write failed, perhaps half way: nothing may follow it on its line. */
  #fault: unknown = null;

  private constructor(path: string, lock: Lock, file: FileHandle, pours: Map<string, KeptPour>) {
    this.path = path;
    this.#lock = lock;
    this.#file = file;
    this.#pours = pours;
    this.#settledLines = 0;
  }

  /** Throws `UsageError` where another process uses the file, where it holds something else, which is left as it is, or cannot be used. */
  static async open(path: string): Promise<KeptPours> {
    try {
      return await KeptPours.#open(path);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const reason = messageOf(error);
      throw new UsageError(`Pours cannot be kept in ${path} (${reason}): name another file with --keep.`);
    }
  }

  static async #open(path: string): Promise<KeptPours> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const lock = lockOwnFile(path);
    if (lock === null) throw new UsageError(`Another tap uses ${path}. Stop it, or name another file with --keep.`);
    try {
      const pours = readLines(await textOf(path), path);
      return new KeptPours(path, lock, await writeAnew(path, pours), pours);
    } catch (error) {
      lock.remove();
      throw error;
    }
  }

  get count(): number {
    return this.#pours.size;
  }

  first(): KeptPour | undefined {
    return this.#pours.values().next().value;
  }

  /** Durable when it resolves. */
  add(pour: KeptPour): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file.appendFile(`${JSON.stringify({ pour })}\n`);
      await this.#file.datasync();
      this.#pours.set(pour.readingId, pour);
    });
  }

  /** The server has it, or does not want it. */
  settle({ readingId }: KeptPour): Promise<void> {
    return this.#inTurn(async () => {
      this.#pours.delete(readingId);
      // Not synced: were it lost, the pour would be sent once more, and told that it is known.
      await this.#file.appendFile(`${JSON.stringify({ settled: readingId })}\n`);
      this.#settledLines += 1;
      if (this.#settledLines >= Math.max(settledLinesMax, this.#pours.size)) await this.#shorten();
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    if (this.#settledLines > 0 && this.#fault === null) await this.#shorten();
    await this.#file.close();
    if (this.#pours.size === 0 && this.#fault === null) await rm(this.path, { force: true });
    this.#lock.remove();
  }

  async #shorten(): Promise<void> {
    const old = this.#file;
    this.#file = await writeAnew(this.path, this.#pours);
    this.#settledLines = 0;
    await old.close();
  }

  /** One write after the other: lines are never mixed. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => {
      if (this.#fault !== null) throw this.#fault;
      return write();
    });
    this.#turn = done.catch((error: unknown) => {
      this.#fault = error;
    });
    return done;
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

function readLines(text: string, path: string): Map<string, KeptPour> {
  const pours = new Map<string, KeptPour>();
  const lines = text.split('\n');
  // What stands behind the last line end was being written when the process or the machine went: it was not made yet.
  const torn = lines.pop() ?? '';
  if (!/^(?:\{.*)?$/s.test(torn)) throw notOurs(path);
  for (const line of lines) {
    const entry = entryOf(line);
    if (entry === null) throw notOurs(path);
    if (typeof entry === 'string') pours.delete(entry);
    else pours.set(entry.readingId, entry);
  }
  return pours;
}

/** A pour, the id of one that is settled, or null for a line that is not ours. */
function entryOf(line: string): KeptPour | string | null {
  const value = parsed(line);
  if (value === null || typeof value !== 'object') return null;
  if ('settled' in value && typeof value.settled === 'string') return value.settled;
  return 'pour' in value && isPour(value.pour) ? value.pour : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // No line of ours: the caller says so.
    return null;
  }
}

function isPour(value: unknown): value is KeptPour {
  if (value === null || typeof value !== 'object') return false;
  const { tapId, volume, readingId, pouredAt }: Partial<Record<keyof KeptPour, unknown>> = value;
  return Number.isInteger(tapId) && typeof volume === 'number' && typeof readingId === 'string' && typeof pouredAt === 'string';
}

function notOurs(path: string): UsageError {
  return new UsageError(`${path} holds something else than kept pours, and is left as it is. Name another file with --keep.`);
}

/** Puts a file in its place that holds these pours alone, whole or not at all; gives it open to go on with. */
async function writeAnew(path: string, pours: ReadonlyMap<string, KeptPour>): Promise<FileHandle> {
  const made = `${path}.new`;
  const file = await open(made, 'w', 0o600);
  try {
    await file.writeFile([...pours.values()].map((pour) => `${JSON.stringify({ pour })}\n`).join(''));
    await file.sync();
    await rename(made, path);
    await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { newestProcess } from './newest-process.ts';
import { processTree, residentBytesByPs, unlessGone } from './process-tree.ts';

/** The tree is walked anew so often at least, whatever the system says of new processes. */
const walkMsMax = 1_000;
const readBytesMax = 256;
const room = Buffer.alloc(readBytesMax);

interface Member {
  readonly pid: number;
  /** Its `statm`, kept open: reading it again takes one call, and it never becomes that of another process with the same id. */
  readonly statm: number;
}

/**
 * The memory of a process and all its descendants, for who looks again and again. Who belongs to them is only found out anew when
 * a process or thread has begun anywhere on the machine since, which costs thirty times as much as reading how large they are.
 */
export class TreeMemory {
  readonly #pid: number;
  #members: readonly Member[] = [];
  #newest: number | null = null;
  #walkedAt = Number.NEGATIVE_INFINITY;
  #hasEnded = false;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Resident bytes, or null where the process is gone. */
  async bytes(): Promise<number | null> {
    return process.platform === 'linux' ? this.bytesNow() : residentBytesByPs(this.#pid);
  }

  /** The same at once, where the machine can (Linux); else null. */
  bytesNow(): number | null {
    if (process.platform !== 'linux' || this.#hasEnded) return null;
    this.#followTree();
    let pages = 0;
    for (const { statm } of this.#members) pages += residentPages(statm);
    return pages === 0 ? null : pages * pageBytes();
  }

  /** Lets go of what it holds open. It says null from now on. */
  end(): void {
    this.#hasEnded = true;
    this.#keep([]);
  }

  #followTree(): void {
    // Asked before the walk: who begins during it shows as newer the next time.
    const newest = newestProcess();
    const now = performance.now();
    if (newest !== null && newest === this.#newest && now - this.#walkedAt < walkMsMax) return;
    this.#newest = newest;
    this.#walkedAt = now;
    this.#keep(processTree(this.#pid));
  }

  #keep(pids: readonly number[]): void {
    const known = new Map(this.#members.map((member) => [member.pid, member]));
    const members: Member[] = [];
    for (const pid of pids) {
      const before = known.get(pid);
      // Of one that has ended the id may have been given to another.
      const lives = before !== undefined && residentPages(before.statm) > 0;
      const member = lives ? before : openMember(pid);
      if (member !== null) members.push(member);
      if (lives) known.delete(pid);
    }
    for (const { statm } of known.values()) closeSync(statm);
    this.#members = members;
  }
}

function openMember(pid: number): Member | null {
  return unlessGone(() => ({ pid, statm: openSync(`/proc/${pid}/statm`, 'r') }), null);
}

function residentPages(statm: number): number {
  return unlessGone(() => Number(room.toString('latin1', 0, readSync(statm, room, 0, readBytesMax, 0)).split(' ')[1]), 0);
}

let knownPageBytes: number | null = null;

/** From the auxiliary vector of this process: pairs of words, of which number 6 (AT_PAGESZ) is the size of a page. */
function pageBytes(): number {
  if (knownPageBytes !== null) return knownPageBytes;
  const words = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= words.length; at += 16) {
    if (words.readBigUInt64LE(at) === 6n) knownPageBytes = Number(words.readBigUInt64LE(at + 8));
  }
  knownPageBytes ??= 4096;
  return knownPageBytes;
}

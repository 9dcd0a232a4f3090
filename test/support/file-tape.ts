import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** One thing that a program did to files or told a socket, in the order in which the kernel was asked. */
export type TapeEvent =
  | { readonly kind: 'create' | 'mkdir' | 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** `at` is null where the file goes on from the write before. */
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Buffer; readonly at: number | null }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  /** What is written before the begin of a sync is durable after its end. */
  | { readonly kind: 'syncBegins' | 'syncEnds'; readonly path: string; readonly sync: number }
  | { readonly kind: 'told'; readonly bytes: Buffer };

/**
 * A command that runs a program as its last arguments, in its own place, and records what `readTape` reads. Each sync takes
 * 20 ms longer, so that much happens between a write and its sync.
 */
export function recorder(tape: string): string[] {
  const calls = [
    ...['openat', 'mkdir', 'mkdirat', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir'],
    ...['write', 'writev', 'pwrite64', 'pwritev', 'ftruncate', 'fsync', 'fdatasync', 'sendmsg', 'sendto'],
  ];
  return [
    'strace',
    '-D',
    '-f',
    '-q',
    '-y',
    '-xx',
    '-s',
    '4000000',
    '-o',
    tape,
    '-e',
    `trace=${calls.join(',')}`,
    '-e',
    'inject=fsync,fdatasync:delay_enter=20000',
  ];
}

interface Call {
  readonly text: string;
  readonly begins: number;
  readonly ends: number;
}

/** Whether the recording goes up to the end of the program. */
export async function isComplete(tape: string, pid: number): Promise<boolean> {
  // Short process ids are padded.
  return new RegExp(`^${pid} +\\+\\+\\+ exited`, 'm').test(await readFile(tape, 'latin1'));
}

/** Reads a recording; what failed is left out. */
export async function readTape(tape: string): Promise<TapeEvent[]> {
  const events: { readonly order: number; readonly event: TapeEvent }[] = [];
  for (const { text, begins, ends } of await calls(tape)) {
    if (!/ = \d+(<.*>)?( \(DELAYED\))?$/.test(text)) continue;
    const event = eventOf(text, begins);
    if (event === null) continue;
    events.push({ order: begins, event });
    if (event.kind === 'syncBegins') events.push({ order: ends, event: { ...event, kind: 'syncEnds' } });
  }
  return events.sort((a, b) => a.order - b.order).map(({ event }) => event);
}

async function calls(tape: string): Promise<Call[]> {
  const found: Call[] = [];
  const open = new Map<string, { text: string; begins: number }>();
  let line = 0;
  for await (const whole of createInterface(createReadStream(tape, 'latin1'))) {
    line += 1;
    const [, process = '', text = ''] = /^(\d+) +(.*)$/.exec(whole) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    if (begun !== undefined) open.set(process, { text: begun, begins: line });
    else if (rest === undefined) found.push({ text, begins: line, ends: line });
    else {
      const start = open.get(process);
      if (start !== undefined) found.push({ text: start.text + rest, begins: start.begins, ends: line });
    }
  }
  return found;
}

function eventOf(text: string, line: number): TapeEvent | null {
  const [, name = ''] = /^(\w+)\(/.exec(text) ?? [];
  const result = Number(/ = (\d+)(?:<.*>)?$/.exec(text)?.[1]);
  const handle = unescaped(/^\w+\(\d+<((?:\\x[0-9a-f]{2})*)>/.exec(text)?.[1] ?? '').toString('utf8');
  const strings = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, each = '']) => unescaped(each));
  const [path = '', to = ''] = strings.map((each) => each.toString('utf8'));
  switch (name) {
    case 'openat':
      return text.includes('O_CREAT') ? { kind: 'create', path } : null;
    case 'mkdir':
    case 'mkdirat':
      return { kind: 'mkdir', path };
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return { kind: 'remove', path };
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', path, to };
    case 'ftruncate':
      return { kind: 'truncate', path: handle, length: Number(/, (\d+)\) /.exec(text)?.[1]) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'syncBegins', path: handle, sync: line };
    default: {
      const bytes = Buffer.concat(strings).subarray(0, result);
      if (!handle.startsWith('/')) return { kind: 'told', bytes };
      const at = name.startsWith('pwrite') ? Number(/, (\d+)\) /.exec(text)?.[1]) : null;
      return { kind: 'write', path: handle, bytes, at };
    }
  }
}

function unescaped(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

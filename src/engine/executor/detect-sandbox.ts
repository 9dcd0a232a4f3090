import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledUrl } from '../../core/compiled-url.ts';
import { messageOf } from '../../core/message-of.ts';
import { type Command, type SandboxKind, sandboxCommand } from './sandbox-command.ts';
import { sandboxView } from './sandbox-view.ts';
import { makeWorkFolder } from './work-folder.ts';

/** What keeps executors apart from the machine. `detail` is a sentence for operators. */
export interface Sandbox {
  readonly kind: SandboxKind;
  /** Whether executors are kept from the network, and from all files but their own. */
  readonly network: boolean;
  readonly filesystem: boolean;
  readonly detail: string;
}

const probeMs = 10_000;

/**
 * Finds the best sandbox that works here, by starting Node in it and letting it try what must fail: reach a port of this
 * process, read a file that it must not see, write where it must not. Takes some 100 ms. With a kind, only that one is tried.
 */
export async function detectSandbox(wanted: SandboxKind | 'auto' = 'auto'): Promise<Sandbox> {
  if (wanted === 'none') return unconfined('It is turned off by the settings.');
  if (process.platform !== 'linux') return unconfined('Only Linux has one.');
  const failures: string[] = [];
  for (const kind of wanted === 'auto' ? (['bwrap', 'unshare'] as const) : [wanted]) {
    const failure = await probe(kind);
    if (failure === null) return confined(kind);
    failures.push(`${kind}: ${failure}`);
  }
  return unconfined(failures.join('; '));
}

function confined(kind: SandboxKind): Sandbox {
  return {
    kind,
    network: true,
    filesystem: true,
    detail: `Executors run in ${kind}: without a network, seeing only their own folder.`,
  };
}

function unconfined(why: string): Sandbox {
  return {
    kind: 'none',
    network: false,
    filesystem: false,
    detail: `Executors are processes of their own but in no sandbox. ${why}`,
  };
}

/** Null where the sandbox holds, else why not. */
async function probe(kind: SandboxKind): Promise<string | null> {
  const parent = await mkdtemp(join(tmpdir(), 'coatcheck-probe-'));
  const server = await listen();
  try {
    const program = compiledUrl('./main.ts', import.meta.url);
    const secret = join(parent, 'secret');
    await writeFile(secret, 'secret');
    const folder = await makeWorkFolder(parent, 0);
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const facts = {
      port,
      secret,
      forbidden: [folder.path, folder.in, '/', '/dev'],
      allowed: [folder.out, folder.tmp],
      program: fileURLToPath(program),
    };
    const inner = { file: process.execPath, args: ['-e', probeScript, JSON.stringify(facts)] };
    const said = await output(sandboxCommand(kind, sandboxView(program, []), folder, inner));
    return said.trim() === 'confined' ? null : said.trim();
  } catch (error) {
    return messageOf(error);
  } finally {
    server.close();
    await rm(parent, { recursive: true, force: true });
  }
}

/** Runs inside: prints `confined`, or what it could do and should not, or the other way round. */
const probeScript = `
const fs = require('node:fs');
const { port, secret, forbidden, allowed, program } = JSON.parse(process.argv[1]);
const canWrite = (folder) => { try { fs.writeFileSync(folder + '/probe', ''); return true; } catch { return false; } };
const open = [
  ...(fs.existsSync(secret) ? ['it sees files of others'] : []),
  ...(fs.existsSync('/etc/shadow') ? ['it sees /etc/shadow'] : []),
  ...forbidden.filter(canWrite).map((folder) => 'it writes to ' + folder),
  ...allowed.filter((folder) => !canWrite(folder)).map((folder) => 'it cannot write to ' + folder),
  ...(fs.existsSync(program) ? [] : ['it does not see its own program']),
];
const tell = (more) => console.log([...open, ...more].join(', ') || 'confined');
require('node:net').connect(port, '127.0.0.1').on('connect', () => { tell(['it reaches the network']); process.exit(); }).on('error', () => tell([]));
`;

function output({ file, args }: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'], timeout: probeMs, killSignal: 'SIGKILL' });
    let said = '';
    const keep = (text: string) => {
      said = (said + text).slice(0, 2_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject).on('close', (code, signal) => resolve(said || `It ended with ${signal ?? code}.`));
  });
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  });
}

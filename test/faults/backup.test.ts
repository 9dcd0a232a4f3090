import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskClient } from '../support/disk-client.ts';
import { recordFigure } from '../support/figures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** Jobs before the backup. More for a larger one: COATCHECK_TEST_BACKUP_JOBS=2000 npx vitest run test/faults/backup.test.ts */
const jobsMin = Number(process.env.COATCHECK_TEST_BACKUP_JOBS ?? 60);
const flags = ['--workers', '2', '--sandbox', 'none'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

/** The chapter on backups needs the `sqlite3` program. Where it is missing, that is said loudly; in CI it is an error. */
function hasSqlite3(): boolean {
  if (spawnSync('sqlite3', ['-version']).status === 0) return true;
  const sentence = 'THE PROGRAM sqlite3 IS NOT INSTALLED: THE TEST OF BACKUP AND RESTORE DOES NOT RUN.';
  if (process.env.CI !== undefined) throw new Error(sentence);
  console.warn(sentence);
  return false;
}

/** Runs a block of docs/backup.md as an operator would. */
async function runBlock(name: 'backup' | 'restore', places: { DATA: string; BACKUP: string }): Promise<string> {
  const chapter = await readFile(new URL('../../docs/backup.md', import.meta.url), 'utf8');
  const script = new RegExp(`^\`\`\`sh ${name}\\n([^]*?)^\`\`\``, 'm').exec(chapter)?.[1];
  if (script === undefined) throw new Error(`docs/backup.md has no block ${name}`);
  const shell = spawn('sh', ['-c', script], {
    env: { PATH: process.env.PATH ?? '', ...places },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const [code] = await once(shell, 'exit');
  expect(code).toBe(0);
  return told.trim();
}

interface JobView {
  readonly state: string;
  readonly result?: unknown;
}

async function job(id: string): Promise<JobView> {
  const response = await fetch(`${server.url}/v1/jobs/${id}`);
  return response.ok ? ((await response.json()) as JobView) : { state: `${response.status}` };
}

async function bytesOf(path: string): Promise<string> {
  const response = await fetch(`${server.url}${path}`);
  if (!response.ok) return `${path} answers ${response.status}`;
  return createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');
}

/** The result of a job and the bytes of all that it made. */
async function madeBy(id: string): Promise<string[]> {
  const response = await fetch(`${server.url}/v1/jobs/${id}/result`);
  const result = await response.text();
  const links = [...result.matchAll(/"file":"([0-9a-f-]{36})"/g)].map(([, id]) => `/v1/files/${id}`);
  return [`${response.status} ${result}`, ...(await Promise.all(links.map(bytesOf)))];
}

test.runIf(hasSqlite3())(
  'a backup that is made under load, as docs/backup.md says, comes back whole in an empty folder',
  { timeout: 180_000 },
  async () => {
    const data = join(folder.path, 'data');
    const backup = join(folder.path, 'backup');
    await mkdir(backup);
    server = await startProgram(data, flags);
    const client = await diskClient(() => server.url);
    client.start();
    const done = async (id: string) => (await job(id)).state === 'succeeded';
    const results = new Map<string, string[]>();
    await eventually(
      'there is work of all kinds, and some of it is done',
      async () => {
        for (const id of client.jobs) if (!results.has(id) && (await done(id))) results.set(id, await madeBy(id));
        const withFiles = [...results.values()].filter((made) => made.length > 1);
        return client.jobs.size >= jobsMin && client.files.size >= 5 && withFiles.length >= 5;
      },
      60_000,
    );
    const before = { jobs: [...client.jobs], files: [...client.files] };

    expect(await runBlock('backup', { DATA: data, BACKUP: backup })).toBe('ok');
    await client.end();
    const during = client.jobs.size - before.jobs.length;
    expect(client.wrong).toEqual([]);
    await server.end('SIGKILL');
    await rm(data, { recursive: true });

    const startedAt = Date.now();
    await runBlock('restore', { DATA: join(folder.path, 'restored'), BACKUP: backup });
    server = await startProgram(join(folder.path, 'restored'), flags);
    const seconds = (Date.now() - startedAt) / 1000;

    const open = new Set(before.jobs);
    await eventually(
      'every job from before the backup has succeeded',
      async () => {
        for (const id of open) if (await done(id)) open.delete(id);
        return open.size === 0;
      },
      60_000,
    );
    let torn = 0;
    for (const [id, made] of results) if ((await madeBy(id)).join() !== made.join()) torn += 1;
    for (const [id, sha256] of before.files) if ((await bytesOf(`/v1/files/${id}`)) !== sha256) torn += 1;
    recordFigure(
      29,
      `backup under load (${during} jobs came meanwhile), restored into an empty folder in ${seconds.toFixed(1)} s: jobs equal ${before.jobs.length - open.size} of ${before.jobs.length}, results and files torn ${torn} of ${results.size + before.files.length}`,
    );
    expect(torn).toBe(0);
  },
);

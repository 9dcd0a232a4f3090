import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Program, startProgram, temporaryFolder } from '../../test/support/program.ts';
import { startTap, type TapProgram } from '../../test/support/tap-program.ts';
import { type Client, createClient } from '../client/client.ts';

const withinMs = 60_000;
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let client: Client;
const running: TapProgram[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(join(folder.path, 'data'), ['--workers', '0']);
  client = createClient({ baseUrl: server.url });
});
afterAll(async () => {
  await Promise.all(running.map((tap) => tap.end('SIGKILL')));
  await server?.end('SIGKILL');
  await folder.remove();
});

function tapOf(id: number, flags: readonly string[], url = server.url): TapProgram {
  const tap = startTap(['--id', String(id), '--server', url, '--keep', join(folder.path, `${id}.pours`), ...flags]);
  running.push(tap);
  return tap;
}

/** As a person starts it, outside a terminal. */
async function tapForPeople(flags: readonly string[]) {
  const child = spawn(process.execPath, [program, 'tap', ...flags], {
    env: { PATH: process.env.PATH ?? '', COATCHECK_SERVER: server.url, XDG_STATE_HOME: join(folder.path, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk;
  });
  await once(child, 'close');
  return { code: child.exitCode, ...text };
}

test('a tap pours within its volumes, hears the others, is known as connected, and ends with Ctrl-C', {
  timeout: withinMs,
}, async () => {
  const tap = tapOf(7, ['--every', '20ms', '--volume', '300-310']);
  const other = tapOf(8, ['--every', '20ms', '--volume', '900']);
  await eventually('both hear both', () => [tap, other].every((one) => heardBy(one, 7) > 2 && heardBy(one, 8) > 2), withinMs);
  expect(await client.taps()).toMatchObject([
    { tapId: expect.any(Number), sockets: 1 },
    { tapId: expect.any(Number), sockets: 1 },
  ]);
  await eventually('the shares are told', () => tap.lines('taps.report').length > 0, withinMs);
  const glasses = () => new Set(tap.lines('beer.poured').map(({ data }) => (data as { type: string }).type));
  await eventually('it pours halves and pints', () => ['half', 'pint'].every((type) => glasses().has(type)), withinMs);
  expect(await tap.end('SIGINT')).toBe(0);
  expect(await other.end('SIGTERM')).toBe(0);
  const { items } = await client.beers({ tapId: 7, pageSize: 500 });
  expect(items.every(({ volume }) => volume >= 300 && volume <= 310)).toBe(true);
});

function heardBy(tap: TapProgram, id: number): number {
  return tap.lines('beer.poured').filter(({ data }) => (data as { tapId: number }).tapId === id).length;
}

test('for a person each event is a line, without colours where no terminal is', { timeout: withinMs }, async () => {
  const { code, out, err } = await tapForPeople(['--id', '21', '--every', '100ms', '--count', '12', '--volume', '480']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}Tap 21 pours into http:\/\/127\.0\.0\.1:\d+; Ctrl-C ends it\.$/);
  expect(lines.filter((line) => /^\d\d:\d\d:\d\d {2}Tap 21 poured a pint, 480 ml$/.test(line))).toHaveLength(12);
  expect(lines.at(-1)).toMatch(/ {2}Tap 21 ends; 12 pours sent\.$/);
  expect(out).not.toContain('\u001b');
});

test('what the server refuses is told and not sent again', { timeout: withinMs }, async () => {
  const tap = tapOf(22, ['--every', '10ms', '--count', '3', '--volume', '50']);
  expect(await tap.ended).toBe(1);
  expect(tap.lines('tap.refused')).toMatchObject(
    Array.from({ length: 3 }, () => ({ status: 422, errors: [{ pointer: '#/volume', detail: expect.stringContaining('100') }] })),
  );
  expect(tap.lines('tap.ended')).toMatchObject([{ kept: 0 }]);
  expect(await tapForPeople(['--id', '23', '--volume', '50', '--count', '1'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/problem\s+50 ml refused: volume /),
  });
});

test('a server that is busy is given the time that it asks for', { timeout: 2 * withinMs }, async () => {
  const busy = await startProgram(join(folder.path, 'busy'), ['--workers', '0', '--client-rate', '5/5s']);
  const tap = tapOf(24, ['--every', '5ms', '--count', '12'], busy.url);
  expect(await tap.ended).toBe(0);
  expect(tap.lines('tap.sent')).toHaveLength(12);
  expect(tap.lines('tap.away').length).toBeGreaterThan(0);
  await eventually('it answers again', async () => (await fetch(`${busy.url}/metrics`)).ok, withinMs);
  expect((await createClient({ baseUrl: busy.url }).beers()).total).toBe(12);
  await busy.end('SIGKILL');
});

test('what is written wrongly is told, and so is a file that another tap uses', { timeout: withinMs }, async () => {
  expect(await tapForPeople(['--id', 'seven'])).toMatchObject({ code: 2, err: expect.stringContaining('--id') });
  expect(await tapForPeople(['--id', '7', '--server', 'ftp://x'])).toMatchObject({ code: 2 });
  expect(await tapForPeople(['--id', '7', '--keep', folder.path])).toMatchObject({
    code: 2,
    err: expect.stringContaining('name another file with --keep'),
  });
  const tap = tapOf(25, []);
  await eventually('it pours', () => tap.lines('tap.sent').length > 0, withinMs);
  const keep = join(folder.path, '25.pours');
  expect(await tapForPeople(['--id', '25', '--keep', keep])).toMatchObject({ code: 2, err: expect.stringContaining('--keep') });
});

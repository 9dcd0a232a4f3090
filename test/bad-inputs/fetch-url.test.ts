/**
 * Links that lead inside, and servers that behave badly: what is refused when it is posted, and what fails its job. Runs the program
 * as anyone would start it (no `--allow-source`) in a network of its own, where it reaches public addresses, and where whoever
 * connects to an inside one is seen. Where such a network cannot be made, only what is refused at once is tried.
 */
import { readdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BadInput, expectEveryRow } from '../support/bad-inputs.ts';
import { createBadOrigin } from '../support/bad-origin.ts';
import { recordFigure } from '../support/figures.ts';
import { call } from '../support/http-server.ts';
import { type NameAnswer, openNameServer } from '../support/name-server.ts';
import { type Origin, openCanary, openOrigin, openRawOrigin, originCertificate } from '../support/origin.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { openSealedNetwork } from '../support/sealed-network.ts';
import { socketsOf } from '../support/sockets-of.ts';

/** What is refused by its spelling, whatever it leads to. */
interface Spelling extends BadInput {
  readonly urls: readonly string[];
}

const notAllowed = { status: 422, problem: 'source-not-allowed' } as const;
const manyTimes = 'x'.repeat(65_536);

const spellings: readonly Spelling[] = [
  {
    row: 46,
    input: 'loopback in decimal, octal, hexadecimal, short',
    urls: [
      ...['http://127.0.0.1/', 'https://127.0.0.1/', 'http://127.0.0.1:8080/', 'http://127.0.0.2/', 'http://127.255.255.254/'],
      ...['http://127.1/', 'http://127.0.1/', 'http://2130706433/', 'http://2130706434/', 'http://6425673729/'],
      ...['http://0x7f.1/', 'http://0x7f000001/', 'http://0X7F.0x0.0x0.0x1/', 'http://0x7f.0.0.1/', 'http://0x17f000001/'],
      ...['http://0177.0.0.1/', 'http://017700000001/', 'http://0000177.0.0.01/', 'http://127.0.0.01/', 'http://0177.0x0.1/'],
      ...['http://383.0.0.1/', 'http://127.0.0.1.:80/', 'http://127.0.0.1.1/', 'http://127..0.0.1/'],
    ],
    ...notAllowed,
  },
  {
    row: 46,
    input: 'names of this machine and of inside networks',
    urls: [
      ...[
        'http://localhost/',
        'http://LOCALHOST:8080/',
        'http://localhost./',
        'http://a.localhost/',
        'http://localhost.localdomain/',
      ],
      ...['http://ip6-localhost/', 'http://printer.local/', 'http://nas.lan/', 'http://intranet/', 'http://db.internal/'],
    ],
    ...notAllowed,
  },
  {
    row: 47,
    input: 'loopback of IPv6; IPv4 in IPv6: mapped, embedded, NAT64, 6to4, Teredo',
    urls: [
      ...['http://[::1]/', 'http://[::1]:8080/', 'http://[0:0:0:0:0:0:0:1]/', 'http://[0000::0001]/', 'http://[::0.0.0.1]/'],
      ...[
        'http://[::ffff:127.0.0.1]/',
        'http://[::ffff:7f00:1]/',
        'http://[::FFFF:7F00:0001]/',
        'http://[0:0:0:0:0:ffff:127.0.0.1]/',
      ],
      ...['http://[::ffff:0:7f00:1]/', 'http://[::127.0.0.1]/', 'http://[::7f00:1]/', 'http://[64:ff9b::7f00:1]/'],
      ...[
        'http://[64:ff9b::127.0.0.1]/',
        'http://[64:ff9b::a9fe:a9fe]/',
        'http://[64:ff9b:1::7f00:1]/',
        'http://[2002:7f00:1::]/',
      ],
      ...[
        'http://[2002:a9fe:a9fe::1]/',
        'http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/',
        'http://[::1%25lo]/',
        'http://[::1%lo]/',
      ],
      ...['http://[::ffff:0x7f.1]/', 'http://[::ffff:10.0.0.1]/', 'http://[127.0.0.1]/', 'http://[]/'],
    ],
    ...notAllowed,
  },
  {
    row: 48,
    input: 'the address that means any',
    urls: [
      'http://0.0.0.0/',
      'http://0/',
      'http://0x0/',
      'http://00.0.0.0:8080/',
      'http://0.0.0.1/',
      'http://[::]/',
      'http://[::0.0.0.0]/',
    ],
    ...notAllowed,
  },
  {
    row: 49,
    input: 'metadata of clouds, by address and by name',
    urls: [
      ...['http://169.254.169.254/latest/meta-data/', 'http://2852039166/', 'http://0xa9fea9fe/', 'http://0251.0376.0251.0376/'],
      ...['http://169.254.43518/', 'http://169.254.170.2/', 'http://[fd00:ec2::254]/latest/', 'http://[::ffff:a9fe:a9fe]/'],
      ...['http://metadata.google.internal/', 'http://metadata/', 'http://100.100.100.200/', 'http://168.63.129.16/'],
    ],
    ...notAllowed,
  },
  {
    row: 50,
    input: 'private, shared, link-local, benchmark, multicast and reserved networks',
    urls: [
      ...['http://10.0.0.1/', 'http://10.255.255.255/', 'http://172.16.0.1/', 'http://172.31.255.255/', 'http://192.168.0.1/'],
      ...['http://100.64.0.1/', 'http://100.127.255.255/', 'http://[fc00::1]/', 'http://[fdff:ffff::1]/', 'http://[fe80::1]/'],
      ...['http://[fe80::1%25eth0]/', 'http://[febf::1]/', 'http://[fec0::1]/', 'http://[ff02::1]/', 'http://198.18.0.1/'],
      ...[
        'http://198.19.255.255/',
        'http://224.0.0.1/',
        'http://239.255.255.250/',
        'http://240.0.0.1/',
        'http://255.255.255.255/',
      ],
      ...['http://192.0.0.1/', 'http://192.0.2.1/', 'http://198.51.100.1/', 'http://203.0.113.1/', 'http://192.88.99.1/'],
      ...['http://[2001:db8::1]/', 'http://[100::1]/', 'http://[3fff::1]/', 'http://[5f00::1]/', 'http://3232235521/'],
    ],
    ...notAllowed,
  },
  {
    row: 51,
    input: 'other schemes, or none',
    urls: [
      ...['file:///etc/passwd', 'file://127.0.0.1/etc/passwd', 'ftp://public.example/', 'gopher://127.0.0.1:6379/_PING'],
      ...[
        'data:image/png;base64,AAAA',
        'javascript:alert(1)',
        'jar:http://public.example!/',
        'dict://127.0.0.1:6379/',
        'ldap://127.0.0.1/',
      ],
      ...[
        '//public.example/',
        'public.example',
        '/etc/passwd',
        'http:/127.0.0.1/',
        'http:127.0.0.1/',
        'http:///127.0.0.1/',
        'http://',
      ],
      ...[
        'unix:/run/docker.sock',
        'blob:http://127.0.0.1/',
        'view-source:http://127.0.0.1/',
        'ws://127.0.0.1/',
        'httpx://127.0.0.1/',
      ],
    ],
    ...notAllowed,
  },
  {
    row: 52,
    input: 'users, "@", backslashes and fragments that hide a host',
    urls: [
      ...[
        'http://user:pw@public.example/',
        'http://@127.0.0.1/',
        'http://public.example@127.0.0.1/',
        'http://public.example:80@127.0.0.1/',
      ],
      ...['http://public.example#@127.0.0.1/', 'http://public.example?@127.0.0.1/', 'http://127.0.0.1#@public.example/'],
      ...[
        'http://127.0.0.1\\@public.example/',
        'http://public.example\\@127.0.0.1/',
        'http:\\\\127.0.0.1\\',
        'http://127.0.0.1\\.public.example/',
      ],
      ...[
        'http://public.example:pw@[::1]/',
        'http://a@b@127.0.0.1/',
        'http://public.example%40127.0.0.1/',
        'http://127.0.0.1;public.example/',
      ],
    ],
    ...notAllowed,
  },
  {
    row: 53,
    input: 'full-width digits, other stops, trailing dot, percent signs',
    urls: [
      ...[
        'http://１２７.０.０.１/',
        'http://127。0。0。1/',
        'http://127．0．0．1/',
        'http://127｡0｡0｡1/',
        'http://①②⑦.⓪.⓪.①/',
        'http://𝟭𝟮𝟳.0.0.1/',
      ],
      ...[
        'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
        'http://ｌｏｃａｌｈｏｓｔ/',
        'http://loc\u00adalhost/',
        'http://local\u200bhost/',
        'http://ſocalhost.example/',
      ],
      ...[
        'http://127.0.0.1./',
        'http://public.example./',
        'http://%31%32%37.0.0.1/',
        'http://127%2e0%2e0%2e1/',
        'http://%6c%6f%63alhost/',
      ],
      ...['http://127.0.0.1%00.public.example/', 'http://127.0.0.1%2f.public.example/', 'http://public.example%23.127.0.0.1/'],
    ],
    ...notAllowed,
  },
  {
    row: 54,
    input: 'ports of other servers, and what is no port',
    urls: [
      ...['http://public.example:22/', 'http://public.example:25/', 'http://public.example:6379/', 'http://public.example:5432/'],
      ...['http://public.example:0/', 'http://public.example:65536/', 'http://public.example:65616/', 'http://public.example:/'],
      ...['http://public.example:080/', 'http://public.example:+80/', 'http://public.example:8O/', 'http://127.0.0.1:6379/'],
      ...['http://[::1]:22/', 'http://93.184.216.34:22/', 'http://public.example:４４３/'],
    ],
    ...notAllowed,
  },
  {
    row: 55,
    input: 'line breaks, tabs, spaces and control characters; 64 KB',
    urls: [
      ...[
        'http://public.example/\r\nHost: 127.0.0.1',
        'http://public.example/ HTTP/1.1\r\n\r\nGET /',
        'http://public.example/a b',
      ],
      ...[
        'http://127.0.\n0.1/',
        'http://127.0.0.1\t/',
        '\thttp://127.0.0.1/',
        ' http://127.0.0.1/',
        'http://127.0.0.1 /',
        'ht\ntp://127.0.0.1/',
      ],
      ...[
        'http://public.example/\0',
        'http://127.0.0.1\0.public.example/',
        'http://public.example/\u00a0',
        'http://public.example/\u2028',
      ],
      ...['', `http://public.example/${manyTimes}`, `http://${manyTimes}@127.0.0.1/`],
    ],
    status: 422,
    problem: 'validation-error',
  },
];

/** What looks like any link, and fails its job. */
interface Journey extends BadInput {
  readonly url: string;
  /** Attempts that it gets: another than what is asked for means that it failed for good, or was tried again. */
  readonly attempts?: { readonly asked: number; readonly made: number };
}

const accepted = { status: 202 } as const;
const lasting = { asked: 3, made: 1 };
const twice = { asked: 2, made: 2 };
const at = (path: string) => `http://public.example/${path}`;
const to = (url: string) => at(`to/${encodeURIComponent(url)}`);

const journeys: readonly Journey[] = [
  ...['loopback', 'loopback6', 'mapped', 'nat64', 'any', 'private', 'metadata', 'metadata6'].map((name) => ({
    ...{ row: 56, input: `a name with an inside address (${name})`, url: `http://${name}.example/picture` },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: lasting },
  })),
  ...['public-private', 'private-public', 'public4-private6', 'public6-private4'].map((name) => ({
    ...{ row: 56, input: `a name with a public and an inside address (${name})`, url: `http://${name}.example/picture` },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: lasting },
  })),
  {
    ...{ row: 56, input: 'a name that is another name that leads inside', url: 'http://alias.example/picture' },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: lasting },
  },
  {
    ...{
      row: 56,
      input: 'a name that was public at the first attempt and leads inside at the second',
      url: 'http://turns-later.example/again/1',
    },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: { asked: 3, made: 2 } },
  },
  ...[
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://[::1]:8080/',
    'http://169.254.169.254/latest/',
    'http://loopback.example/',
    '//localhost/',
    'file:///etc/passwd',
    'http://public.example:22/',
    'http://user@public.example/',
    to('http://10.0.0.1/'),
  ].map((url) => ({
    ...{ row: 57, input: `a redirect to ${url}`, url: to(url) },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: lasting },
  })),
  {
    ...{
      row: 57,
      input: 'a redirect to a name that leads inside when it is asked for again',
      url: to('http://turns-at-once.example/again/2'),
    },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: { asked: 3, made: 2 } },
  },
  {
    ...{ row: 57, input: 'a redirect from https to http', url: 'https://origin.example/' },
    ...{ ...accepted, problem: 'source-not-allowed', attempts: lasting },
  },
  { row: 57, input: 'a loop', url: at('loop'), ...accepted, problem: 'too-many-redirects', attempts: lasting },
  { row: 57, input: '11 hops', url: at('hops/11'), ...accepted, problem: 'too-many-redirects', attempts: lasting },
  { row: 58, input: 'a server that drips 1 byte/s', url: at('drip'), ...accepted, problem: 'source-timeout' },
  { row: 58, input: 'headers for ever, slowly', url: at('slow-headers'), ...accepted, problem: 'source-timeout' },
  { row: 58, input: 'headers for ever', url: at('endless-headers'), ...accepted, problem: 'source-timeout' },
  { row: 58, input: 'a server that never answers', url: at('silence'), ...accepted, problem: 'source-timeout' },
  { row: 58, input: 'a name whose server never answers', url: 'http://silent.example/', ...accepted, problem: 'source-timeout' },
  { row: 59, input: 'an endless body', url: at('endless'), ...accepted, problem: 'source-too-large', attempts: lasting },
  {
    row: 59,
    input: 'Content-Length: more than may be',
    url: at('says-too-much'),
    ...accepted,
    problem: 'source-too-large',
    attempts: lasting,
  },
  { row: 59, input: 'Content-Length: more than comes', url: at('says-more'), ...accepted, problem: 'source-fetch-failed' },
  {
    row: 59,
    input: 'Content-Length: less than comes',
    url: at('says-less'),
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: lasting,
  },
  { row: 59, input: 'a gzip bomb', url: at('gzip'), ...accepted, problem: 'source-too-large', attempts: lasting },
  { row: 59, input: 'a brotli bomb', url: at('brotli'), ...accepted, problem: 'source-too-large', attempts: lasting },
  { row: 59, input: 'a bomb in a bomb', url: at('gzip-in-gzip'), ...accepted, problem: 'source-fetch-failed', attempts: lasting },
  { row: 59, input: 'zstd that is none', url: at('zstd'), ...accepted, problem: 'source-fetch-failed', attempts: lasting },
  { row: 60, input: '404', url: at('status/404'), ...accepted, problem: 'source-fetch-failed', attempts: lasting },
  { row: 60, input: 'a name that nobody has', url: 'http://unknown.example/', ...accepted, problem: 'source-fetch-failed' },
  { row: 60, input: '500', url: at('status/500'), ...accepted, problem: 'source-fetch-failed', attempts: twice },
  {
    ...{ row: 60, input: '429 with Retry-After', url: at('status/429/Retry-After:%202') },
    ...{ ...accepted, problem: 'source-fetch-failed', attempts: twice },
  },
  {
    row: 60,
    input: 'a certificate that nobody trusts',
    url: 'https://stranger.example/',
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: lasting,
  },
  {
    row: 60,
    input: 'a certificate of another name',
    url: 'https://origin.example:8443/',
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: lasting,
  },
  {
    row: 60,
    input: 'no TLS where it should be',
    url: 'https://public.example:8080/',
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: lasting,
  },
  {
    row: 60,
    input: 'a web page instead of an image',
    url: at('page'),
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: lasting,
  },
  {
    row: 60,
    input: 'a connection that is reset at once',
    url: at('reset-at-once'),
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: twice,
  },
  {
    row: 60,
    input: 'a connection that is reset in the body',
    url: at('reset'),
    ...accepted,
    problem: 'source-fetch-failed',
    attempts: twice,
  },
];

/** Rows that need a part of the service that there is none of yet: there are no webhooks, so that nobody can name a target. */
const withoutSubject = [{ row: 61 }];

expectEveryRow('fetch-url', [...spellings, ...journeys, ...withoutSubject]);

const publicAddress = '93.184.216.34';
const publicAddress6 = '2606:2800:220:1::1';
/** Addresses of an inside that somebody may listen at, besides loopback. */
const insideAddresses = [
  '169.254.169.254',
  '10.0.0.1',
  '192.168.0.1',
  '172.16.0.1',
  '100.100.100.200',
  '198.18.0.1',
  'fd00:ec2::254',
  'fc00::1',
];
const loopback = ['127.0.0.1', '127.0.0.2', '::1'];
const watchedPorts = [22, 25, 80, 443, 5432, 6379, 8080, 8443];

/** The first answer once, and then the others. */
const turning =
  (...answers: readonly (readonly string[])[]): NameAnswer =>
  (timesAsked) =>
    answers[Math.min(timesAsked, answers.length - 1)] ?? [];

const names: Readonly<Record<string, NameAnswer>> = {
  'public.example': () => [publicAddress],
  'origin.example': () => [publicAddress],
  'stranger.example': () => [publicAddress6],
  'loopback.example': () => ['127.0.0.1'],
  'loopback6.example': () => ['::1'],
  'nobody.example': () => ['127.0.0.9'],
  'mapped.example': () => ['::ffff:127.0.0.1'],
  'nat64.example': () => ['64:ff9b::7f00:1'],
  'any.example': () => ['0.0.0.0'],
  'private.example': () => ['10.0.0.1'],
  'metadata.example': () => ['169.254.169.254'],
  'metadata6.example': () => ['fd00:ec2::254'],
  'public-private.example': () => [publicAddress, '10.0.0.1'],
  'private-public.example': () => ['127.0.0.1', publicAddress],
  'public4-private6.example': () => [publicAddress, '::1'],
  'public6-private4.example': () => [publicAddress6, '127.0.0.2'],
  'alias.example': () => ['second.alias.example'],
  'second.alias.example': () => ['loopback.example'],
  'turns.example': turning([publicAddress], ['127.0.0.1']),
  'turns-later.example': turning([publicAddress], ['127.0.0.1']),
  'turns-at-once.example': turning([publicAddress], ['169.254.169.254']),
  'silent.example': () => null,
  'half-silent.example': (_timesAsked, family) => (family === 4 ? [publicAddress] : null),
};

interface JobAnswer {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly error: { readonly type: string; readonly detail: string } | null;
  readonly source: { readonly bytes: number | null };
  readonly type?: string;
}

const network = await openSealedNetwork([
  ...[publicAddress, ...insideAddresses].map((address) => `${address}/${address.includes(':') ? 128 : 32}`),
  `${publicAddress6}/128`,
]);
const badOrigin = createBadOrigin();
const folder = await temporaryFolder();
const origins: Origin[] = [];
let canaries: Origin[] = [];
let program: Program;
let server = '';
let close = () => {};

beforeAll(async () => {
  const places = [...loopback, ...(network === null ? [] : insideAddresses)];
  const opened = places.flatMap((host) => watchedPorts.map((port) => openCanary(host, port, network?.listen)));
  canaries = (await Promise.all(opened)).filter((canary) => canary !== null);
  const flags = ['--workers', '1', '--upload-bytes-max', '2MB'];
  if (network === null) {
    program = await startProgram(folder.path, flags);
    server = program.url;
    return;
  }
  const { listen, through, relay, knock, nameSocket } = network;
  // A canary that hears nothing would let everything pass.
  for (const host of places) for (const port of watchedPorts) expect(await knock(host, port), `${host} ${port}`).toBe(true);
  await eventually('every canary has heard one', () => canaries.every(({ connections }) => connections === 1));

  const nameServer = openNameServer(await nameSocket(), names);
  close = () => nameServer.close();
  const downgrade = (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(302, { location: at('picture') }).end();
  origins.push(
    await openRawOrigin(badOrigin.speak, { host: publicAddress, port: 80, listen }),
    await openRawOrigin(badOrigin.speak, { host: publicAddress, port: 8080, listen }),
    await openOrigin(downgrade, { host: publicAddress, port: 443, listen, tls: true }),
    await openOrigin(downgrade, { host: publicAddress, port: 8443, listen, tls: 'stranger' }),
    await openOrigin(downgrade, { host: publicAddress6, port: 443, listen, tls: 'stranger' }),
  );
  const trusted = join(folder.path, 'trusted.pem');
  await writeFile(trusted, originCertificate);
  program = await startProgram(folder.path, flags, { through, env: { NODE_EXTRA_CA_CERTS: trusted } });
  server = `http://127.0.0.1:${await relay(Number(new URL(program.url).port))}`;
});

afterAll(async () => {
  await program.end('SIGKILL');
  close();
  await Promise.all([...origins, ...canaries].map((origin) => origin.close()));
  await network?.close();
  await folder.remove();
});

/** How often canaries were connected to, but for the knock that showed that they hear. */
const heard = () => canaries.reduce((sum, { connections }) => sum + connections, network === null ? 0 : -canaries.length);

async function post(url: string, maxAttempts = 1): Promise<{ status: number; json: JobAnswer }> {
  const answer = await call(`${server}/v1/thumbnails`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: { url }, maxAttempts }),
  });
  return { status: answer.status, json: JSON.parse(answer.body) };
}

async function ended(id: string): Promise<JobAnswer> {
  for (;;) {
    const job: JobAnswer = JSON.parse((await call(`${server}/v1/jobs/${id}?wait=30s`)).body);
    if (job.state !== 'queued' && job.state !== 'running') return job;
  }
}

describe('a link that is refused when it is posted', () => {
  test.each(spellings)('$row: $input: $status $problem', async ({ urls, status, problem }) => {
    for (const url of urls) {
      const answer = await post(url);
      expect
        .soft([url.slice(0, 100), answer.status, answer.json.type])
        .toEqual([url.slice(0, 100), status, `/problems/${problem}`]);
    }
    expect(heard()).toBe(0);
  });

  test('is refused in a call of many jobs as well', async () => {
    const links = spellings.flatMap(({ urls, problem }) => urls.map((url) => ({ url, problem })));
    const jobs = links.map(({ url }) => ({ service: 'thumbnails', source: { url } }));
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jobs }) };
    const answer = await call(`${server}/v1/jobs`, sent);
    const items: { problem?: { type: string } }[] = JSON.parse(answer.body).items;
    expect(items.map(({ problem }) => problem?.type)).toEqual(links.map(({ problem }) => `/problems/${problem}`));
    expect(heard()).toBe(0);
  });
});

/** The sockets of the program and the files that it writes to. */
async function held(): Promise<{ sockets: number; uploads: number }> {
  const uploads = await readdir(join(folder.path, 'blobs', 'uploads'));
  return { sockets: await socketsOf(program.pid), uploads: uploads.length };
}

describe.skipIf(network === null)('a link that fails its job', () => {
  const jobs = new Map<Journey, { status: number; job: Promise<JobAnswer>; ms: Promise<number> }>();
  let atRest = { sockets: 0, uploads: 0 };

  // All at once: the slow ones wait for the limits on time of the program.
  beforeAll(async () => {
    atRest = await held();
    for (const journey of journeys) {
      const begun = Date.now();
      const { status, json } = await post(journey.url, journey.attempts?.asked);
      const job = ended(json.id);
      jobs.set(journey, { status, job, ms: job.then(() => Date.now() - begun) });
    }
  });

  test.each(journeys)(
    '$row: $input: $status, $problem',
    async (journey) => {
      const known = jobs.get(journey);
      const { state, attempt, error } = (await known?.job) ?? {};
      const expected = [journey.status, 'failed', `/problems/${journey.problem}`, journey.attempts?.made ?? 1];
      expect([known?.status, state, error?.type, attempt], error?.detail).toEqual(expected);
      expect(heard()).toBe(0);
    },
    60_000,
  );

  test('waits as long as the server asked for before it is tried again', () => {
    const [first = 0, second = 0] = badOrigin.requests('/status/429/Retry-After:%202');
    expect(second - first).toBeGreaterThanOrEqual(2_000);
  });

  test('gives its bytes where the address was public when it was checked, whatever its name leads to since', async () => {
    const first = await post('http://turns.example/picture');
    expect(await ended(first.json.id)).toMatchObject({ state: 'succeeded', source: { bytes: expect.any(Number) } });
    const second = await post('http://turns.example/picture', 3);
    expect(await ended(second.json.id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { type: '/problems/source-not-allowed' },
    });
    expect(heard()).toBe(0);
  });

  test('fails alike, and in the same time, whether something listens inside or not', async () => {
    const pairs = [
      ['http://127.0.0.1/', 'http://127.0.0.9/'],
      ['http://loopback.example/', 'http://nobody.example/'],
    ] as const;
    const figures: string[] = [];
    for (const pair of pairs) {
      const tries: { answer: string; ms: number[] }[] = pair.map(() => ({ answer: '', ms: [] }));
      for (let round = 0; round < 20; round += 1) {
        for (const [index, url] of pair.entries()) {
          const begun = performance.now();
          const { status, json } = await post(url);
          const { error = null } = status === 202 ? await ended(json.id) : { error: json };
          tries[index]?.ms.push(performance.now() - begun);
          Object.assign(tries[index] ?? {}, {
            answer: JSON.stringify({ status, error: { ...error, traceId: '', instance: '' } }),
          });
        }
      }
      expect(tries[0]?.answer).toBe(tries[1]?.answer);
      const medians = tries.map(({ ms }) => ms.sort((a, b) => a - b)[10]?.toFixed(1));
      figures.push(`${medians[0]} ms where something listens, ${medians[1]} ms where nothing does`);
    }
    expect(heard()).toBe(0);
    recordFigure(
      14,
      `the same answer for open and closed ports; median of 20 refused addresses ${figures[0]}; of refused names ${figures[1]}`,
    );
  });

  test('is fetched where the name server answers for one kind of address only', async () => {
    const { json } = await post('http://half-silent.example/picture');
    expect(await ended(json.id)).toMatchObject({ state: 'succeeded' });
  });

  test('is not held up by others whose names nobody answers for', async () => {
    const silent = await Promise.all(Array.from({ length: 20 }, () => post('http://silent.example/')));
    const begun = Date.now();
    const good = await post('http://public.example/picture');
    expect(await ended(good.json.id)).toMatchObject({ state: 'succeeded' });
    const ms = Date.now() - begun;
    const ends = await Promise.all(silent.map(({ json }) => ended(json.id)));
    expect(new Set(ends.map(({ error }) => error?.type))).toEqual(new Set(['/problems/source-timeout']));
    recordFigure(15, `a good link in ${ms} ms while 20 links wait for name servers that never answer`);
  }, 60_000);

  test('holds nothing when it is over', async () => {
    await Promise.all([...jobs.values()].map(({ job }) => job));
    await eventually('no server is connected to', () => origins.every(({ open }) => open === 0));
    await eventually('no more sockets are open than before', async () => (await held()).sockets <= atRest.sockets);
    expect((await held()).uploads).toBe(atRest.uploads);
    expect(program.log()).not.toMatch(/"level":"(error|fatal)"/);
  });
});

test('no canary has heard anything', async () => {
  expect(canaries.length).toBeGreaterThan(0);
  expect(heard()).toBe(0);
  const urls = spellings.flatMap((row) => row.urls);
  expect(new Set(urls).size).toBeGreaterThanOrEqual(60);
  const led =
    network === null ? '' : `, ${journeys.filter(({ row }) => row <= 57).length} names and redirects that lead inside or turn`;
  recordFigure(14, `connections at ${canaries.length} canaries ${heard()} of ${urls.length} spellings${led}`);
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepts, freePort } from './free-port.ts';
import { eventually, temporaryFolder } from './program.ts';

/** The proxies of which `docs/operations.md` shows a configuration that can be tried here. */
export const proxyNames = ['nginx', 'haproxy', 'caddy'] as const;
export type ProxyName = (typeof proxyNames)[number];

/** The name under which the examples serve. */
export const publicName = 'files.example.com';

/** Those that this machine has. Of one that is missing it is said loudly that nothing ran behind it; in CI that is a failure. */
export function installedProxies(): readonly ProxyName[] {
  return proxyNames.filter((name) => {
    if (spawnSync(name, ['version']).error === undefined && spawnSync('openssl', ['version']).error === undefined) return true;
    const sentence = `NOTHING IS TESTED BEHIND ${name}: it is missing, or openssl is. Install both (Debian: apt-get install ${name} openssl).`;
    if (process.env.CI !== undefined) throw new Error(sentence);
    console.warn(sentence);
    return false;
  });
}

const keepAliveMs = 200;

/** A real proxy in front of a server, with the configuration that the documentation shows. */
export interface RunningProxy {
  readonly port: number;
  /** Its certificate, which clients are to trust. */
  readonly certificate: string;
  /** Where it would keep bodies that it does not pass on at once. */
  readonly bodies: string;
  /** Request lines that it has passed on to the server and got an answer to; of Caddy, all that it could read. */
  passedOn(): string[];
  remove(): Promise<void>;
}

interface ProxyOptions {
  /** It waits for slow clients for so long, and not for the time that the example says; and between two requests a moment only. */
  readonly patienceMs?: number;
  /**
   * Every request may go over a connection to the server that another client has used, which HAProxy else avoids for first ones and
   * Caddy for other names than the public one, which it answers itself.
   */
  readonly sharesAll?: boolean;
}

/** @param serverPort where the server listens, or will */
export async function startProxy(name: ProxyName, serverPort: number, options: ProxyOptions = {}): Promise<RunningProxy> {
  const folder = await temporaryFolder();
  const certificate = makeCertificate(folder.path);
  const port = await freePort();
  const bodies = join(folder.path, 'bodies');
  mkdirSync(bodies);
  const start = { nginx: startNginx, haproxy: startHaproxy, caddy: startCaddy }[name];
  const { child, output, log } = start({ folder: folder.path, bodies, port, serverPort, ...options });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${code}:\n${output()}`);
  });
  ended.catch(() => {});
  await Promise.race([eventually(`${name} listens`, () => accepts(port), 30_000), ended]);
  return {
    port,
    certificate,
    bodies,
    passedOn: () =>
      log()
        .split('\n')
        .flatMap((line) => passedOnIn(name, line)),
    async remove() {
      child.kill('SIGTERM');
      await ended.catch(() => {});
      await folder.remove();
    },
  };
}

interface Place extends ProxyOptions {
  readonly folder: string;
  readonly bodies: string;
  readonly port: number;
  readonly serverPort: number;
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its log of requests. */
  readonly log: () => string;
}

/** nginx wants the example inside of a block `http`; what stands around it says only where files lie. */
function startNginx({ folder, bodies, port, serverPort, patienceMs }: Place): Started {
  const example = replaced(exampleOf('nginx'), [
    ['127.0.0.1:8080', `127.0.0.1:${serverPort}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    [`/etc/ssl/${publicName}.crt`, join(folder, 'crt')],
    [`/etc/ssl/${publicName}.key`, join(folder, 'key')],
  ]);
  const kept = ['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const patience = patienceMs === undefined ? [] : [`client_header_timeout ${patienceMs}ms; keepalive_timeout ${keepAliveMs}ms;`];
  const log = join(folder, 'requests');
  writeFileSync(log, '');
  const lines = [
    `daemon off; pid ${folder}/pid; error_log stderr warn;`,
    // Started as root, it would go on as a user of its own, who cannot write here.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'events { worker_connections 1024; }',
    'http {',
    `log_format passed '$upstream_status $request'; access_log ${log} passed;`,
    `client_body_temp_path ${bodies};`,
    ...kept,
    ...patience,
    example,
    '}',
  ];
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, lines.join('\n'));
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  return { child, output: collected(child.stderr), log: () => readFileSync(log, 'utf8') };
}

/** HAProxy takes the example as it is; a file of ours before it says where the log goes. */
function startHaproxy({ folder, port, serverPort, patienceMs, sharesAll = false }: Place): Started {
  const example = replaced(exampleOf('haproxy'), [
    ['127.0.0.1:8080', `127.0.0.1:${serverPort}`],
    ['bind :443 ssl', `bind 127.0.0.1:${port} ssl`],
    [`/etc/haproxy/${publicName}.pem`, join(folder, 'pem')],
    ...(patienceMs === undefined
      ? []
      : ([
          ['timeout http-request 20s', `timeout http-request ${patienceMs}ms\n  timeout http-keep-alive ${keepAliveMs}ms`],
          ['timeout client 90s', `timeout client ${patienceMs}ms`],
        ] as const)),
    ...(sharesAll ? [['\nbackend coatcheck', '\nbackend coatcheck\n  http-reuse always'] as const] : []),
  ]);
  const [ours, theirs] = [join(folder, 'log.cfg'), join(folder, 'haproxy.cfg')];
  writeFileSync(ours, 'global\n  log stdout format raw local0\n');
  writeFileSync(theirs, `${example}\n`);
  const child = spawn('haproxy', ['-db', '-f', ours, '-f', theirs], { stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, output: collected(child.stderr), log: collected(child.stdout) };
}

/** Caddy takes the example as it is, but for the certificate that it would ask for itself; a block before it is about the whole program. */
function startCaddy({ folder, port, serverPort, patienceMs, sharesAll = false }: Place): Started {
  const tls = `tls ${join(folder, 'crt')} ${join(folder, 'key')}`;
  const example = replaced(exampleOf('caddy'), [
    ['127.0.0.1:8080', `127.0.0.1:${serverPort}`],
    [`${publicName} {`, `${sharesAll ? '' : publicName}:${port} {\n  bind 127.0.0.1\n  log\n  ${tls}`],
  ]);
  const times = { read_header: patienceMs, read_body: patienceMs, idle: keepAliveMs };
  const timeouts = Object.entries(times).map(([what, ms]) => `${what} ${ms}ms`);
  const servers = patienceMs === undefined ? [] : ['servers {', 'timeouts {', ...timeouts, '}', '}'];
  const global = [
    '{',
    'admin off',
    'auto_https off',
    `storage file_system ${folder}/kept`,
    'log {',
    'output stdout',
    '}',
    ...servers,
    '}',
  ];
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, [...global, example].join('\n'));
  const words = ['run', '--adapter', 'caddyfile', '--config', file];
  const child = spawn('caddy', words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } });
  return { child, output: collected(child.stderr), log: collected(child.stdout) };
}

/** The request line, where the server has answered: of a line of the log that is told by `startNginx`, of HAProxy's `httplog`, or of Caddy. */
function passedOnIn(name: ProxyName, line: string): string[] {
  if (name === 'caddy') return passedOnByCaddy(line);
  const found = name === 'nginx' ? /^(?:\d{3}, )*\d{3} (.*)$/.exec(line) : / coatcheck\/one .*?"([^"]*)/.exec(line);
  return found?.[1] === undefined ? [] : [found[1]];
}

/** Caddy tells of each request that it could read, also where the server did not answer. */
function passedOnByCaddy(line: string): string[] {
  if (!line.includes('"msg":"handled request"')) return [];
  const { request } = JSON.parse(line);
  return [`${request.method} ${request.uri}`];
}

/** The block of the documentation, as it stands there. */
function exampleOf(name: ProxyName): string {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const example = new RegExp(`^\`\`\`${name}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
  if (example === undefined) throw new Error(`docs/operations.md shows no configuration of ${name}`);
  return example;
}

/** Only what must differ on a machine with other ports and files is replaced; each must be there once. */
function replaced(example: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`the example in docs/operations.md does not say "${from}" once`);
    return text.replace(from, to);
  }, example);
}

/** Makes the files `crt`, `key` and `pem` (both in one) in the folder. */
function makeCertificate(folder: string): string {
  const [crt, key] = [join(folder, 'crt'), join(folder, 'key')];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${publicName}`, '-addext', `subjectAltName=DNS:${publicName}`];
  const made = spawnSync('openssl', [...words, ...names, '-keyout', key, '-out', crt], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  const certificate = readFileSync(crt, 'utf8');
  writeFileSync(join(folder, 'pem'), certificate + readFileSync(key, 'utf8'));
  return certificate;
}

function collected(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dropInNames } from './drop-ins.ts';
import { loadSettings, SettingsError, settingDefinitions } from './settings.ts';

function problemsOf(
  flags: Record<string, string | boolean>,
  env: Record<string, string> = {},
  services?: string[],
): readonly string[] {
  try {
    loadSettings({ flags, env, ...(services === undefined ? {} : { services }) });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

test('without flags and variables every setting has its default', () => {
  expect(loadSettings({ flags: {}, env: { PATH: '/bin' } })).toEqual({
    host: '127.0.0.1',
    port: 8080,
    publicUrl: null,
    trustProxy: false,
    ocrEngine: 'auto',
    open: false,
    data: resolve('data'),
    database: { kind: 'sqlite', path: resolve('data/coatcheck.db') },
    broker: { kind: 'memory' },
    blobs: { kind: 'file', path: resolve('data/blobs') },
    workers: availableParallelism(),
    sandbox: 'auto',
    uploadBytesMax: 2 * 1024 ** 3,
    storageReserveBytes: 256 * 1024 ** 2,
    queuedJobsMax: 1_000_000,
    serviceQueuedJobsMax: {},
    callerQueuedJobsMax: null,
    queueWaitMaxMs: 86_400_000,
    serviceQueueWaitMax: {},
    clientRate: null,
    serviceConcurrency: {},
    serviceRate: {},
    resultRetentionMs: 7 * 86_400_000,
    recordRetentionMs: 30 * 86_400_000,
    fileRetentionMs: 86_400_000,
    allowSource: [],
    dropin: null,
    tapReportIntervalMs: 5_000,
    mqtt: null,
    logLevel: 'info',
  });
});

test('a flag wins over its variable, and an empty variable counts as not set', () => {
  const settings = loadSettings({
    flags: { port: '9000' },
    env: { COATCHECK_PORT: '7000', COATCHECK_WORKERS: '3', COATCHECK_LOG_LEVEL: '' },
  });
  expect(settings).toMatchObject({ port: 9000, workers: 3, logLevel: 'info' });
});

test('a switch that stands alone is on, and can be turned off by a flag', () => {
  expect(loadSettings({ flags: { open: true, host: '0.0.0.0' }, env: {} }).open).toBe(true);
  expect(loadSettings({ flags: { open: 'no' }, env: { COATCHECK_OPEN: 'true' } }).open).toBe(false);
});

test('database and blobs lie in the data folder unless they are named', () => {
  const inside = loadSettings({ flags: { data: '/srv/coats' }, env: {} });
  expect([inside.database.path, inside.blobs.path]).toEqual(['/srv/coats/coatcheck.db', '/srv/coats/blobs']);
  const outside = loadSettings({ flags: { database: 'sqlite:///var/jobs.db', blobs: 'file:bytes' }, env: {} });
  expect([outside.database.path, outside.blobs.path]).toEqual(['/var/jobs.db', resolve('bytes')]);
});

test('sizes, durations and values a service are read', () => {
  const flags = {
    'upload-bytes-max': '500MB',
    'result-retention': '12h',
    'service-concurrency': 'thumbnails=2, ocr=1',
    'service-rate': 'thumbnails=10/1m',
    'public-url': 'https://files.example.com:8443/',
  };
  expect(loadSettings({ flags, env: {} })).toMatchObject({
    uploadBytesMax: 500 * 1024 ** 2,
    resultRetentionMs: 12 * 3_600_000,
    serviceConcurrency: { thumbnails: 2, ocr: 1 },
    serviceRate: { thumbnails: { limit: 10, perMs: 60_000 } },
    publicUrl: 'https://files.example.com:8443',
  });
});

test('older services are all, none, or those that are named', () => {
  const dropin = (value: string) => loadSettings({ flags: { dropin: value }, env: {} }).dropin;
  expect(dropin('all')).toEqual(dropInNames);
  expect(dropin('none')).toEqual([]);
  expect(dropin(' classification ,classification')).toEqual(['classification']);
  expect(dropin('classification,webocr')).toEqual(['webocr', 'classification']);
  for (const wrong of ['webocd', 'none,classification', 'classification,']) {
    expect(problemsOf({ dropin: wrong })).toEqual([
      `--dropin must be all, none, or some of ${dropInNames.join(', ')} with commas between them, not "${wrong}".`,
    ]);
  }
});

const onceEach = 'with commas between services and each service once';

test.each<[string, string, string]>([
  ['host', 'http://x', '--host must be an IP address or a host name, without a port or a scheme, not "http://x".'],
  ['host', '127.0.0.1:80', '--host must be an IP address or a host name, without a port or a scheme, not "127.0.0.1:80".'],
  ['port', '65536', '--port must be a whole number from 0 to 65535, not "65536".'],
  ['port', '-1', '--port must be a whole number from 0 to 65535, not "-1".'],
  ['port', '80a', '--port must be a whole number from 0 to 65535, not "80a".'],
  ['port', '', '--port needs a value.'],
  [
    'public-url',
    'ftp://x',
    '--public-url must be an address such as https://files.example.com, without a user, a query or a fragment, not "ftp://x".',
  ],
  [
    'public-url',
    'https://a:b@x',
    '--public-url must be an address such as https://files.example.com, without a user, a query or a fragment, not "https://***@x".',
  ],
  [
    'public-url',
    'https://files.example.com/coats/',
    '--public-url must have no path, since links in answers begin at the root of the host: give the server a name of its own, not "https://files.example.com/coats/".',
  ],
  ['trust-proxy', 'maybe', '--trust-proxy must be true or false, not "maybe".'],
  ['open', 'perhaps', '--open must be true or false, not "perhaps".'],
  ['workers', '1.5', '--workers must be a whole number from 0 to 1024, not "1.5".'],
  ['sandbox', 'docker', '--sandbox must be one of auto, bwrap, unshare, none, not "docker".'],
  ['log-level', 'loud', '--log-level must be one of trace, debug, info, warn, error, fatal, silent, not "loud".'],
  [
    'upload-bytes-max',
    'much',
    '--upload-bytes-max must be a size from 1 bytes to 1 TB, such as 500MB, 2GB or plain bytes, not "much".',
  ],
  [
    'upload-bytes-max',
    '0',
    '--upload-bytes-max must be a size from 1 bytes to 1 TB, such as 500MB, 2GB or plain bytes, not "0".',
  ],
  ['result-retention', '7', '--result-retention must be a duration from 1ms to 3650d, such as 90s, 12h or 7d, not "7".'],
  [
    'record-retention',
    '999999999d',
    '--record-retention must be a duration from 1ms to 3650d, such as 90s, 12h or 7d, not "999999999d".',
  ],
  ['file-retention', '0s', '--file-retention must be a duration from 1ms to 3650d, such as 90s, 12h or 7d, not "0s".'],
  ['queued-jobs-max', '0', '--queued-jobs-max must be a whole number from 1 to 1000000000, not "0".'],
  ['service-concurrency', 'ocr', `--service-concurrency must be service=count, ${onceEach}, not "ocr".`],
  ['service-concurrency', 'ocr=0', `--service-concurrency must be service=count, ${onceEach}, not "ocr=0".`],
  ['service-rate', 'ocr=1/1m,ocr=2/1m', `--service-rate must be service=count/duration, ${onceEach}, not "ocr=1/1m,ocr=2/1m".`],
  ['service-rate', 'ocr=5', `--service-rate must be service=count/duration, ${onceEach}, not "ocr=5".`],
  ['data', 'a\0b', '--data must be the path of a folder, not "a\0b".'],
])('--%s %j is refused with a sentence', (name, value, sentence) => {
  expect(problemsOf({ [name]: value })).toEqual([sentence]);
});

test.each([
  [
    'database',
    'postgres://user:secret@db/jobs',
    '--database must be "sqlite:" (a file in the data folder) or "sqlite:FILE"; this version supports no other database.',
  ],
  [
    'database',
    'sqlite://host/x',
    '--database must be "sqlite:" (a file in the data folder) or "sqlite:FILE"; this version supports no other database.',
  ],
  [
    'database',
    'sqlite::memory:',
    '--database must be "sqlite:" (a file in the data folder) or "sqlite:FILE"; this version supports no other database.',
  ],
  [
    'broker',
    'amqp://user:secret@mq',
    '--broker must be "memory:" (inside the one process); this version supports no other broker.',
  ],
  [
    'blobs',
    's3://key:secret@bucket',
    '--blobs must be "file:" (a folder in the data folder) or "file:FOLDER"; this version supports no other storage.',
  ],
])('--%s %j is refused with what this version supports, and a password in it is not repeated', (name, value, sentence) => {
  expect(problemsOf({ [name]: value })).toEqual([sentence]);
});

test('an unknown flag is refused with the nearest name', () => {
  expect(problemsOf({ prot: '1' })).toEqual(['There is no flag --prot. Did you mean --port?']);
  expect(problemsOf({ zebra: '1' })).toEqual(['There is no flag --zebra. "coatcheck serve --help" lists all settings.']);
});

test('an unknown variable is refused with the nearest name, those of other commands and programs are not', () => {
  const env = { COATCHECK_UPLOAD_BYTE_MAX: '1', COATCHECK_SERVER: 'http://x', COAT: '1' };
  expect(problemsOf({}, env)).toEqual([
    'There is no setting COATCHECK_UPLOAD_BYTE_MAX. Did you mean COATCHECK_UPLOAD_BYTES_MAX?',
  ]);
});

test('the variables that Kubernetes sets for a Service named coatcheck are told apart', () => {
  const [host, port] = problemsOf({}, { COATCHECK_PORT: 'tcp://10.0.0.1:80', COATCHECK_SERVICE_HOST: '10.0.0.1' });
  expect(port).toContain('COATCHECK_PORT must be a whole number');
  expect(port).toContain('enableServiceLinks: false');
  expect(host).toBe(
    'There is no setting COATCHECK_SERVICE_HOST. Kubernetes sets it for a Service named coatcheck: put "enableServiceLinks: false" into the pod.',
  );
});

test('all problems are told at once', () => {
  expect(problemsOf({ port: 'x', workers: 'y' }, { COATCHECK_OPEN: 'z' })).toHaveLength(3);
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'files.example.com'])('the address %s without --open is refused', (host) => {
  expect(problemsOf({ host })).toEqual([
    `The address ${host} can be reached from other machines and there is no authentication: listen on 127.0.0.1, or add --open (COATCHECK_OPEN=true) to let everybody in.`,
  ]);
  expect(problemsOf({ host, open: true })).toEqual([]);
});

test.each(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost'])('the address %s needs no --open', (host) => {
  expect(problemsOf({ host })).toEqual([]);
});

test('a limit of a service that is not installed is refused', () => {
  expect(problemsOf({ 'service-rate': 'thumbnial=1/1s' }, {}, ['thumbnails'])).toEqual([
    '--service-rate names the service "thumbnial", which is not installed; there is thumbnails.',
  ]);
});

test('every setting has a flag, a variable and a sentence of help', () => {
  for (const { name, env, help } of settingDefinitions) {
    expect(env).toBe(`COATCHECK_${name.replaceAll('-', '_').toUpperCase()}`);
    expect(help).toMatch(/^[A-Z].+\.$/);
  }
  expect(settingDefinitions.map(({ name }) => name)).toContain('result-retention');
});

test('what links may lead to is read once, and a bad entry is refused with a sentence', () => {
  const { allowSource } = loadSettings({
    flags: { 'allow-source': ' nas:9000, *.example.org,10.0.0.0/8 ,[fd00::/8]:*' },
    env: {},
  });
  expect(allowSource).toMatchObject([
    { host: 'nas', port: 9000 },
    { below: 'example.org', port: null },
    { network: { family: 4, prefixBits: 8 }, port: null },
    { network: { family: 6, prefixBits: 8 }, port: 'any' },
  ]);
  expect(() => loadSettings({ flags: {}, env: { COATCHECK_ALLOW_SOURCE: 'nas,http://x/' } })).toThrow(
    /COATCHECK_ALLOW_SOURCE must be hosts and networks.*"http:\/\/x\/" is none/,
  );
});

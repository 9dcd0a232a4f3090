import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClassifications } from '../../src/services/classifications/classifications.ts';
import { openOcr } from '../../src/services/ocr/ocr.ts';
import { thumbnails } from '../../src/services/thumbnails/thumbnails.ts';
import type { WaitingInput } from '../support/bad-inputs.ts';
import { call, openTestServer, type TestServer } from '../support/http-server.ts';
import { onePixelPng } from '../support/pictures.ts';
import { fieldPart, filePart, form, get, json, post, raw } from '../support/requests.ts';
import { type Row, type Told, tryBadInputs } from '../support/try-bad-inputs.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    services: [thumbnails, await openOcr('auto'), await openClassifications('/absent')],
    executors: 1,
  });
});
afterAll(() => server.closeAll());

const png = onePixelPng.toString('base64');
const id = '01234567-89ab-7def-8123-456789abcdef';
const job = (more: object, path?: string) => json({ source: { base64: png }, ...more }, path);
const ocr = (options: object) => job({ options }, '/v1/ocr');
const classify = (options: object) => job({ options }, '/v1/classifications');
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const keys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":0`).join(',')}}`;
const inForm = (name: string, value: string) => form(filePart(onePixelPng), fieldPart(name, value));
const inQuery = (query: string) => raw(onePixelPng, {}, `/v1/thumbnails?${query}`);

/** The errors point to these fields. */
const pointsTo =
  (...pointers: string[]) =>
  ({ answer }: Told) => {
    const told = JSON.parse(answer.body);
    expect(told.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    for (const { detail } of told.errors) expect(detail).toMatch(/./);
  };

/** The server goes on, and no stack of it ran over. */
async function isUnharmed(): Promise<void> {
  expect((await call(`${server.url}/livez`)).status).toBe(200);
  expect(JSON.stringify(server.lines)).not.toMatch(/RangeError|call stack/i);
}

/** The server runs in this process: its objects are ours. */
function isUnpolluted(): void {
  const plain: object = {};
  expect(['width', 'polluted', 'isAdmin'].filter((name) => name in plain)).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}.constructor).toBe(Object);
}

const notJson: [what: string, body: string | Buffer][] = [
  ['no JSON', 'hello'],
  ['nothing at all', ''],
  ['only white space', ' \n'],
  ['half a document', '{"source":{"base64":'],
  ['two documents', '{}{}'],
  ['a trailing comma', '{"source":{},}'],
  ['a comment', '{/* */}'],
  ['single quotes', "{'source':{}}"],
  ['NaN', '{"priority":NaN}'],
  ['UTF-16', Buffer.from('{"source":1}', 'utf16le')],
  ['UTF-16 with its mark', Buffer.from('\ufeff{"source":1}', 'utf16le')],
  ['bytes that are no UTF-8', Buffer.from('{"source":"\xff"}', 'latin1')],
  ['half a surrogate pair', '{"source":{"base64":"","name":"\\ud800"}}'],
  ['half a surrogate pair in a name', '{"\\udc00":1}'],
  ['a byte order mark', '\ufeff{}'],
];
const tooMuch: [what: string, body: string][] = [
  ['JSON nested 10,000 deep', `{"options":${deep(10_000)}}`],
  ['JSON nested a million deep', `{"options":${deep(1_000_000)}}`],
  ['JSON nested 10,000 deep and not closed', '{"options":'.repeat(10_000)],
  ['a number beyond all doubles', '{"priority":1e999}'],
  ['a number below all doubles', '{"priority":-1e999}'],
  ['10 MB of names', keys(900_000)],
];
const twoMeanings: [what: string, body: string][] = [
  ['a name twice', '{"priority":1,"priority":2}'],
  ['a name twice, spelled in two ways', '{"priority":1,"pri\\u006frity":2}'],
  ['a name twice further inside', '{"options":{"width":1,"width":2}}'],
  ['__proto__', '{"options":{"__proto__":{"width":1,"polluted":true}}}'],
  ['__proto__ in escapes', '{"\\u005f_proto__":{"polluted":true}}'],
  ['constructor', '{"constructor":{"prototype":{"isAdmin":true}}}'],
  ['constructor further inside', '{"labels":{"constructor":"x"}}'],
];
const jsonPaths = ['/v1/thumbnails', '/v1/jobs/actions'];

const rows: Row[] = [
  ...jsonPaths.flatMap((path) =>
    [
      ...notJson.map((each) => [31, ...each] as const),
      ...tooMuch.map((each) => [32, ...each] as const),
      ...twoMeanings.map((each) => [33, ...each] as const),
    ].map(
      ([row, what, body]): Row => [
        row,
        `${what} to ${path}`,
        json(body, path),
        400,
        'malformed-json',
        row === 33 ? isUnpolluted : isUnharmed,
      ],
    ),
  ),
  [31, 'a trailing comma in the request of a form', inForm('request', '{"options":{},}'), 400, 'malformed-json'],
  [
    32,
    'JSON nested 10,000 deep in the request of a form',
    inForm('request', `{"options":${deep(10_000)}}`),
    400,
    'malformed-json',
    isUnharmed,
  ],
  [
    33,
    '__proto__ in the request of a form',
    inForm('request', '{"__proto__":{"polluted":true}}'),
    400,
    'malformed-json',
    isUnpolluted,
  ],
  [33, '__proto__ as a field of a form', inForm('__proto__', '{"polluted":true}'), 422, 'validation-error', isUnpolluted],
  [33, '__proto__ in the address', inQuery('__proto__=1'), 422, 'validation-error', isUnpolluted],
  [33, '__proto__ as a label in the address', inQuery('label.__proto__=1'), 422, 'validation-error', isUnpolluted],
  [34, 'an array', json('[]'), 422, 'validation-error', pointsTo('#')],
  [34, 'null', json('null'), 422, 'validation-error', pointsTo('#')],
  [34, 'a text', json('"source"'), 422, 'validation-error', pointsTo('#')],
  [34, 'text for a number', job({ priority: '1' }), 422, 'validation-error', pointsTo('#/priority')],
  [34, 'a list for an object', job({ options: [] }), 422, 'validation-error', pointsTo('#/options')],
  [
    34,
    'wrong types in two fields',
    job({ options: { width: 'a', quality: true } }),
    422,
    'validation-error',
    pointsTo('#/options/width', '#/options/quality'),
  ],
  [34, 'an unknown property', job({ hight: 1 }), 422, 'validation-error', pointsTo('#/hight')],
  [
    34,
    'an unknown property with a slash and a tilde',
    job({ options: { 'a/b~c': 1 } }),
    422,
    'validation-error',
    pointsTo('#/options/a~1b~0c'),
  ],
  [
    34,
    'an unknown property of the source',
    json({ source: { base64: png, path: '/etc/passwd' } }),
    422,
    'validation-error',
    pointsTo('#/source/path'),
  ],
  [34, 'null for the source', json({ source: null }), 422, 'validation-error', pointsTo('#/source')],
  [34, 'null for options', job({ options: null }), 422, 'validation-error', pointsTo('#/options')],
  [34, 'no source', json({}), 422, 'validation-error', pointsTo('#/source')],
  [34, 'a source of two kinds', json({ source: { file: id, base64: png } }), 422, 'validation-error', pointsTo('#/source')],
  [34, 'a number as the id of a file', json({ source: { file: 1 } }), 422, 'validation-error', pointsTo('#/source')],
  [34, 'a job that is none in a list of jobs', json({ jobs: 1 }, '/v1/jobs'), 422, 'validation-error'],
  [
    34,
    'an action that nobody knows',
    json({ action: 'pause', ids: [id] }, '/v1/jobs/actions'),
    422,
    'validation-error',
    pointsTo('#/action'),
  ],
  [34, 'text for a number in the address', inQuery('width=wide'), 422, 'validation-error', pointsTo('#/options/width')],
  [34, 'an option twice in the address', inQuery('width=1&width=2'), 422, 'validation-error'],
  [34, 'text for a number in a form', inForm('width', 'wide'), 422, 'validation-error', pointsTo('#/options/width')],
  [34, 'a file that is not there', json({ source: { file: id } }), 404, 'not-found'],
  [34, 'text that is no base64', json({ source: { base64: '%%%%' } }), 400, 'malformed-base64'],
  [
    34,
    'too many labels',
    job({ labels: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`l${n}`, ''])) }),
    422,
    'validation-error',
    pointsTo('#/labels'),
  ],
  [
    35,
    'text/plain for a job',
    json({ source: { base64: png } }, '/v1/thumbnails', { 'content-type': 'text/plain' }),
    415,
    'unsupported-media-type',
  ],
  [
    35,
    'text/plain for many jobs',
    json({ jobs: [] }, '/v1/jobs', { 'content-type': 'text/plain' }),
    415,
    'unsupported-media-type',
  ],
  [
    35,
    'text/plain for an action',
    json({ action: 'cancel', ids: [id] }, '/v1/jobs/actions', { 'content-type': 'text/plain' }),
    415,
    'unsupported-media-type',
  ],
  [35, 'a form for many jobs', { ...form(filePart(onePixelPng)), path: '/v1/jobs' }, 415, 'unsupported-media-type'],
  [36, 'only XML accepted, in a list', get('/v1/jobs', { accept: 'application/xml' }), 406, 'not-acceptable'],
  [36, 'only XML accepted, of a new job', raw(onePixelPng, { accept: 'application/xml' }), 406, 'not-acceptable'],
  [36, 'JSON refused', get('/v1/services', { accept: 'application/json;q=0, text/csv' }), 406, 'not-acceptable'],
  ...[0, -1, 1.5, 1e9, '100'].flatMap((width): Row[] => [
    [37, `the width ${JSON.stringify(width)}`, job({ options: { width } }), 422, 'validation-error', pointsTo('#/options/width')],
    [
      37,
      `the width ${JSON.stringify(width)} in a list of sizes`,
      job({ options: { sizes: [{ width }] } }),
      422,
      'validation-error',
      pointsTo('#/options/sizes/0/width'),
    ],
  ]),
  ...['0', '-1', '1.5', '1e9', ''].flatMap((width): Row[] => [
    [37, `the width "${width}" in the address`, inQuery(`width=${width}`), 422, 'validation-error', pointsTo('#/options/width')],
    [37, `the width "${width}" in a form`, inForm('width', width), 422, 'validation-error', pointsTo('#/options/width')],
  ]),
  [38, 'the language ../../x', ocr({ language: ['../../x'] }), 422, 'validation-error', pointsTo('#/options/language/0')],
  [
    38,
    'the language ../../x in the address',
    raw(onePixelPng, {}, '/v1/ocr?language=..%2F..%2Fx'),
    422,
    'validation-error',
    pointsTo('#/options/language/0'),
  ],
  [
    38,
    'the language script/../../x',
    ocr({ language: ['script/../../x'] }),
    422,
    'validation-error',
    pointsTo('#/options/language/0'),
  ],
  [38, 'the language -l', ocr({ language: ['-l'] }), 422, 'validation-error', pointsTo('#/options/language/0')],
  [38, 'a list of 200 languages', ocr({ language: Array.from({ length: 200 }, (_, n) => `l${n}`) }), 422, 'validation-error'],
  [38, 'an unknown language', ocr({ language: ['eng', 'tlh'] }), 422, 'validation-error', pointsTo('#/options/language/1')],
  [38, 'no language', ocr({ language: [] }), 422, 'validation-error', pointsTo('#/options/language')],
  [40, 'the pages 5-2', ocr({ pages: '5-2' }), 422, 'validation-error', pointsTo('#/options/pages')],
  [40, 'the pages 1-99999999', ocr({ pages: '1-99999999' }), 422, 'validation-error', pointsTo('#/options/pages')],
  [40, 'the page 0', ocr({ pages: '0' }), 422, 'validation-error', pointsTo('#/options/pages')],
  [40, 'pages that are no numbers', ocr({ pages: 'all' }), 422, 'validation-error', pointsTo('#/options/pages')],
  [41, 'a priority beyond the limit', job({ priority: 101 }), 422, 'validation-error', pointsTo('#/priority')],
  [41, 'a priority beyond the limit in the address', inQuery('priority=101'), 422, 'validation-error', pointsTo('#/priority')],
  [41, 'runAt in the year 9999', job({ runAt: '9999-01-01T00:00:00Z' }), 422, 'validation-error', pointsTo('#/runAt')],
  [41, 'a deadline that has passed', job({ deadline: '2001-01-01T00:00:00Z' }), 422, 'validation-error', pointsTo('#/deadline')],
  [41, 'the 31st of February', job({ runAt: '2027-02-31T00:00:00Z' }), 422, 'validation-error', pointsTo('#/runAt')],
  ...Object.entries({
    owner_id: 1,
    caller: 'root',
    status: 'done',
    state: 'succeeded',
    role: 'admin',
    attempts: 99,
    attempt: 99,
    id,
  }).flatMap(([name, value]): Row[] => [
    [42, `${name} in the body`, job({ [name]: value }), 422, 'validation-error', pointsTo(`#/${name}`)],
    [42, `${name} in a form`, inForm(name, String(value)), 422, 'validation-error'],
    [42, `${name} in the address`, inQuery(`${name}=${value}`), 422, 'validation-error'],
    [42, `${name} in the options`, job({ options: { [name]: value } }), 422, 'validation-error', pointsTo(`#/options/${name}`)],
  ]),
  ...['jobs', 'files', 'queue'].flatMap((of): Row[] => [
    [43, `an id of ${of} that is none`, get(`/v1/${of}/1`), 404, 'not-found'],
    [43, `an id of ${of} that climbs`, get(`/v1/${of}/%2e%2e%2f%2e%2e%2fetc%2fpasswd`), 404, 'not-found'],
    [43, `an id of ${of} with NUL`, get(`/v1/${of}/%00`), 404, 'not-found'],
    [43, `an id of ${of} of 10 KB`, get(`/v1/${of}/${'x'.repeat(10_000)}`), 404, 'not-found'],
    [43, `an id of ${of} that cannot be decoded`, get(`/v1/${of}/%zz`), 400, 'bad-request'],
    [43, `an id of ${of} that is nobody's`, get(`/v1/${of}/${id}`), 404, 'not-found'],
  ]),
  [43, 'an id that is none, to be canceled', post('/v1/jobs/1/cancel'), 404, 'not-found'],
  [43, 'an id that is none, to be deleted', { path: '/v1/files/%2e%2e%2f', method: 'DELETE' }, 404, 'not-found'],
  [43, 'an unknown service', raw(onePixelPng, {}, '/v1/nothing'), 404, 'not-found'],
  [43, 'an unknown queue', post('/v1/queues/nothing/pause'), 404, 'not-found'],
  [44, 'a forged cursor', get('/v1/jobs?cursor=abc'), 400, 'invalid-cursor'],
  [
    44,
    'a cursor of a job that nobody listed',
    get(`/v1/jobs?cursor=${Buffer.from(`l${id}0123456789abcdef`).toString('base64url')}`),
    400,
    'invalid-cursor',
  ],
  ...['resnet1800', '../kinds', '/etc/passwd', 'kinds/../kinds', 'https://example.org/model.onnx', ''].map(
    (model): Row => [39, `model=${model}`, classify({ model }), 422, 'unknown-model', pointsTo('#/options/model')],
  ),
  ...[0, 1_001, -1, 1.5, '5', null].map(
    (top): Row => [40, `top=${top}`, classify({ top }), 422, 'validation-error', pointsTo('#/options/top')],
  ),
  [44, 'an empty cursor', get('/v1/jobs?cursor='), 400, 'invalid-cursor'],
  [44, 'a cursor of 10 KB', get(`/v1/jobs?cursor=${'x'.repeat(10_000)}`), 400, 'invalid-cursor'],
  ...['0', '-1', '1e9', 'NaN', '1.5', '', '1&limit=2'].map(
    (limit): Row => [45, `limit=${limit}`, get(`/v1/jobs?limit=${limit}`), 422, 'validation-error', pointsTo('#/limit')],
  ),
  [45, 'an unknown state', get('/v1/jobs?state=lost'), 422, 'validation-error', pointsTo('#/state')],
  [45, 'an unreadable wait', get(`/v1/jobs/${id}?wait=long`), 422, 'validation-error', pointsTo('#/wait')],
];

const waiting: WaitingInput[] = [
  { row: 41, input: "a priority over the caller's right", waitsFor: 'callers' },
  { row: 44, input: 'a cursor of another tenant', waitsFor: 'callers' },
];

tryBadInputs('params', () => server, rows, waiting);

test('row 44: a cursor of another list, and one that was changed, are refused', async () => {
  for (let n = 0; n < 2; n += 1) await call(`${server.url}/v1/thumbnails?runAt=1h&label.list=${n}`, raw(onePixelPng));
  const { nextCursor } = JSON.parse((await call(`${server.url}/v1/jobs?limit=1`)).body);
  expect((await call(`${server.url}/v1/jobs?limit=1&cursor=${nextCursor}`)).status).toBe(200);
  const changed = Buffer.from(nextCursor, 'base64url');
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
  for (const query of [`state=queued&cursor=${nextCursor}`, `cursor=${changed.toString('base64url')}`, `cursor=${nextCursor}A`]) {
    const answer = await call(`${server.url}/v1/jobs?limit=1&${query}`);
    expect([answer.status, JSON.parse(answer.body).type]).toEqual([400, '/problems/invalid-cursor']);
  }
});

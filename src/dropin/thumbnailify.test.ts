import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Call, call, openTestServer, type RawAnswer, type TestServer } from '../../test/support/http-server.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { detailed } from '../../test/support/pictures.ts';
import { eventually } from '../../test/support/program.ts';
import { animation } from '../../test/support/thumbnails-task.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';
import { thumbnailify } from './thumbnailify.ts';

let server: TestServer;
/** The moment that a read waits for a picture lasts as long as a test wants, however slow the machine is. */
const clock = new ManualClock();

beforeAll(async () => {
  server = await openTestServer(
    { services: [thumbnails], settings: { uploadBytesMax: 40_000_000 }, clock },
    { uploadBytesMax: 40_000_000 },
    {
      dropIns: ({ engine, parts, taps }) => {
        const { uploadBytesMax } = parts.settings;
        return [
          thumbnailify({
            engine,
            taps,
            clock,
            log: parts.log,
            measures: parts.measures,
            settings: { uploadBytesMax, publicUrl: null },
          }),
        ].flatMap((dropIn) => dropIn ?? []);
      },
    },
  );
});
afterAll(() => server.closeAll());

const ask = (path: string, more: Call = {}) => call(`${server.url}${path}`, more);
const post = (body: string | Buffer, type = 'image/png', more: Record<string, string> = {}) =>
  ask('/images', { method: 'POST', headers: { 'content-type': type, ...more }, body });
const bodyOf = ({ body }: RawAnswer) => JSON.parse(body);
const told = (answer: RawAnswer) => ({ status: answer.status, body: bodyOf(answer) });

/** The id of a picture that was taken. */
async function hand(bytes: Buffer | string, type?: string): Promise<string> {
  const answer = await post(Buffer.from(bytes).toString('base64'), type);
  expect(answer.status).toBe(202);
  return bodyOf(answer).media_id;
}

/** The answer once the picture has come to its end: the clock stands still, so that the server has all the patience that it takes. */
const ended = (id: string) => ask(`/images/${id}`);

/** The answer to a read of a picture that waits, when the patience of the server is over. */
async function whileWaiting(path: string): Promise<RawAnswer> {
  const answers: RawAnswer[] = [];
  const asked = ask(path).then((answer) => answers.push(answer));
  await eventually('the server has lost its patience', () => {
    clock.advance(100);
    return answers.length > 0;
  });
  await asked;
  const [answer] = answers;
  if (answer === undefined) throw new Error('there is no answer');
  return answer;
}

async function thumbnailOf(id: string) {
  const answer = await ask(`/images/${id}/thumbnail`);
  expect({ status: answer.status, length: answer.headers['content-length'] }).toEqual({
    status: 200,
    length: String(answer.body.length),
  });
  const { format, width, pages = 1, height = 0 } = await sharp(Buffer.from(answer.body, 'base64'), { animated: true }).metadata();
  return { type: answer.headers['content-type'], format, width, height: height / pages, frames: pages };
}

const solid = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#c30' } });

test('the exchange of the document: a picture is taken, told of, given as a thumbnail, removed and gone', async () => {
  const taken = await post((await detailed('png')).toString('base64'));
  const id = bodyOf(taken).media_id;
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(taken).toMatchObject({ status: 202, headers: { 'content-type': 'application/json; charset=utf-8' } });
  expect(taken.body).toBe(
    `{"media_id":"${id}","media_type":"image/png","message":"Processing image, use \`media_id\` to check status","service":"webserver","state":"Processing"}`,
  );
  const done = await ended(id);
  expect({ status: done.status, body: done.body }).toEqual({
    status: 200,
    body: `{"media_id":"${id}","media_type":"image/png","service":"worker","message":"Completed thumbnail creation","state":"Completed"}`,
  });
  expect(await thumbnailOf(id)).toEqual({ type: 'image/png', format: 'png', width: 100, height: 75, frames: 1 });
  expect(await ask(`/images/${id}`, { method: 'DELETE' })).toMatchObject({ status: 204, body: '' });
  const gone = { status: 404, body: { message: `Resource with id \`${id}\` not found` } };
  expect(told(await ask(`/images/${id}`, { method: 'DELETE' }))).toEqual(gone);
  expect(told(await ask(`/images/${id}`))).toEqual(gone);
  expect(told(await ask(`/images/${id}/thumbnail`))).toEqual(gone);
});

// The cases of its own end-to-end tests, and the pictures beside them.
test.each([
  ['image/jpg', 'jpeg', { type: 'image/jpg', format: 'jpeg' }],
  ['image/jpeg', 'jpeg', { type: 'image/jpeg', format: 'jpeg' }],
  ['image/png', 'png', { type: 'image/png', format: 'png' }],
  ['image/gif', 'gif', { type: 'image/gif', format: 'gif' }],
  ['IMAGE/PNG; name=a', 'png', { type: 'image/png', format: 'png' }],
  ['image/webp', 'webp', { type: 'image/webp', format: 'webp' }],
  // The declared type decides, as the ending of the file did.
  ['image/gif', 'png', { type: 'image/gif', format: 'gif' }],
  ['image/jpeg', 'png', { type: 'image/jpeg', format: 'jpeg' }],
  // No format to write: the nearest one, under its true name.
  ['image/tiff', 'tiff', { type: 'image/jpeg', format: 'jpeg' }],
  ['image/x-anything', 'png', { type: 'image/png', format: 'png' }],
] as const)('%s with a %s in it becomes a thumbnail of at most 100x100', async (type, format, expected) => {
  const id = await hand(await detailed(format), type);
  const { status, body } = await ended(id);
  expect({ status, ...JSON.parse(body) }).toMatchObject({
    status: 200,
    state: 'Completed',
    media_type: type.split(';')[0]?.toLowerCase(),
  });
  expect(await thumbnailOf(id)).toEqual({ ...expected, width: 100, height: 75, frames: 1 });
});

test('all frames of an animation are kept', async () => {
  const id = await hand(await animation('gif'), 'image/gif');
  await ended(id);
  expect(await thumbnailOf(id)).toEqual({ type: 'image/gif', format: 'gif', width: 100, height: 67, frames: 3 });
});

test('a small picture is enlarged until it fits, and a picture keeps its shape', async () => {
  const cases = [
    [30, 20, 100, 67],
    [1, 1, 100, 100],
    [10, 200, 5, 100],
    [1024, 640, 100, 63],
  ] as const;
  for (const [width, height, toWidth, toHeight] of cases) {
    const id = await hand(await solid(width, height).jpeg().toBuffer(), 'image/jpeg');
    await ended(id);
    expect(await thumbnailOf(id)).toMatchObject({ width: toWidth, height: toHeight });
  }
});

test('a picture that lies on its side is turned upright, and tells nothing of its camera', async () => {
  const exif = { IFD0: { Make: 'Camera', Model: 'Secret' } };
  const id = await hand(
    await solid(300, 150).withExif(exif).withMetadata({ orientation: 6, exif }).jpeg().toBuffer(),
    'image/jpeg',
  );
  await ended(id);
  const bytes = Buffer.from((await ask(`/images/${id}/thumbnail`)).body, 'base64');
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 50, height: 100 });
  expect(bytes.includes('Camera')).toBe(false);
});

test('base64 with line breaks, foreign letters and text behind its padding is read as it was', async () => {
  const text = (await detailed('jpeg')).toString('base64');
  for (const body of [
    text.replace(/.{76}/g, '$&\r\n'),
    `\n${text.replace(/.{500}/g, '$&-_!')}\n`,
    `${text}${text.endsWith('=') ? '' : '===='}more`,
  ]) {
    const answer = await post(body, 'image/jpeg');
    expect(answer.status).toBe(202);
    expect(await ended(bodyOf(answer).media_id)).toMatchObject({ status: 200 });
  }
});

test.each([
  ['no media type', undefined, 'abcd', 400, 'Missing header Content-Type'],
  ['an empty media type', ' ', 'abcd', 400, 'Missing header Content-Type'],
  ['another media type', 'text/plain', 'abcd', 415, "Only support Content-Type ['image']"],
  ['a media type with a quote in it', '"image"/png', 'abcd', 415, "Only support Content-Type ['image']"],
  ['half a media type', 'image', 'abcd', 415, "Only support Content-Type ['image']"],
  ['a media type of three parts', 'image/a/b', 'abcd', 415, "Only support Content-Type ['image']"],
  ['an endless media type', `image/${'a'.repeat(5_000)}`, 'abcd', 415, "Only support Content-Type ['image']"],
  ['what is no base64', 'image/png', 'abcde', 400, 'Unable to base64 decode. Invalid base64-encoded image body'],
  [
    'a picture as it is',
    'image/png',
    Buffer.from('\x89PNG', 'latin1'),
    400,
    'Unable to base64 decode. Invalid base64-encoded image body',
  ],
  ['text in UTF-8', 'image/png', 'Grüße===', 400, 'Unable to base64 decode. Invalid base64-encoded image body'],
] as const)('%s is refused with the status and the words that it had', async (_what, type, body, status, message) => {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  expect(told(await ask('/images', { method: 'POST', headers, body }))).toEqual({ status, body: { message } });
});

test('bytes that are no picture are taken, and the state says what is wrong with them', async () => {
  const cut = (await detailed('jpeg')).subarray(0, 5_000);
  const wrong: readonly (string | Buffer)[] = [
    '',
    'i·',
    'just text',
    randomBytes(300_000),
    cut,
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  ];
  for (const bytes of wrong) {
    const id = await hand(bytes);
    const error = {
      media_id: id,
      media_type: 'image/png',
      service: 'worker',
      message: 'Corroupted raw image, please try again',
      state: 'Error',
    };
    expect(told(await ended(id))).toEqual({ status: 400, body: error });
    expect(told(await ask(`/images/${id}/thumbnail`))).toEqual({ status: 409, body: { message: error.message } });
    expect((await ask(`/images/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`/images/${id}`)).status).toBe(404);
  }
});

test('a kind of picture that is not taken here says so', async () => {
  const id = await hand(Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]), 'image/bmp');
  const answer = told(await ended(id));
  expect(answer).toMatchObject({
    status: 415,
    body: { state: 'Error', service: 'worker', message: expect.stringContaining('image/bmp') },
  });
});

test('a picture of more than 1 MiB is taken, up to the limit of uploads', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const;
  const large = await sharp({ create: { width: 1_200, height: 1_000, channels: 3, background: '#000', noise } })
    .png()
    .toBuffer();
  expect(large.length).toBeGreaterThan(2 ** 20);
  const id = await hand(large);
  expect(await ended(id)).toMatchObject({ status: 200 });
  const refused = await post('A'.repeat(40_000_001));
  expect({ status: refused.status, members: Object.keys(bodyOf(refused)) }).toEqual({ status: 413, members: ['message'] });
});

test('a picture with too many pixels is refused before it is stored', async () => {
  const bomb = Buffer.from(await solid(100, 100).png().toBuffer());
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  const before = await server.engine.storage();
  const answer = await post(bomb.toString('base64'));
  expect({ status: answer.status, members: Object.keys(bodyOf(answer)) }).toEqual({ status: 413, members: ['message'] });
  expect((await server.engine.storage()).files).toEqual(before.files);
});

test('while it waits the state is told with 200, there is no thumbnail, and it can be removed', async () => {
  await server.engine.setPaused('thumbnails', true);
  try {
    const id = await hand(await detailed('jpeg'), 'image/jpeg');
    expect(told(await whileWaiting(`/images/${id}`))).toEqual({
      status: 200,
      body: {
        media_id: id,
        media_type: 'image/jpeg',
        service: 'webserver',
        message: 'Processing image, use `media_id` to check status',
        state: 'Processing',
      },
    });
    const early = await whileWaiting(`/images/${id}/thumbnail`);
    expect(early).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
    expect(Object.keys(bodyOf(early))).toEqual(['message']);
    expect((await ask(`/images/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`/images/${id}`)).status).toBe(404);
  } finally {
    await server.engine.setPaused('thumbnails', false);
  }
});

test('a picture that is being worked on can be removed, too', async () => {
  const id = await hand(await solid(7_000, 7_000).png({ compressionLevel: 1 }).toBuffer());
  const { state } = await server.engine.waitForChange('anonymous', id, 3_600_000, new AbortController().signal);
  expect(['running', 'succeeded']).toContain(state);
  expect((await ask(`/images/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await ask(`/images/${id}`)).status).toBe(404);
});

test('who asks while a picture is worked on gets its end, if that comes in a moment', async () => {
  await server.engine.setPaused('thumbnails', true);
  const id = await hand(await solid(320, 200).jpeg().toBuffer(), 'image/jpeg');
  const answers = Promise.all([ask(`/images/${id}`), ask(`/images/${id}/thumbnail`)]);
  await server.engine.setPaused('thumbnails', false);
  const [state, thumbnail] = await answers;
  expect([state.status, bodyOf(state).state, thumbnail.status]).toEqual([200, 'Completed', 200]);
});

test('a canceled job is an error that says so', async () => {
  await server.engine.setPaused('thumbnails', true);
  try {
    const id = await hand(await detailed('jpeg'), 'image/jpeg');
    await server.engine.cancel('anonymous', id);
    expect(told(await ask(`/images/${id}`))).toMatchObject({
      status: 409,
      body: { state: 'Error', message: 'The job was canceled.' },
    });
    expect((await ask(`/images/${id}/thumbnail`)).status).toBe(409);
  } finally {
    await server.engine.setPaused('thumbnails', false);
  }
});

test('the list has the pictures that came in here, newest first, in pages', async () => {
  const own = bodyOf(
    await ask('/v1/thumbnails', { method: 'POST', headers: { 'content-type': 'image/png' }, body: await detailed('png') }),
  ).id;
  const ids: string[] = [];
  for (let at = 0; at < 3; at++)
    ids.unshift(
      await hand(
        await solid(20 + at, 20)
          .png()
          .toBuffer(),
      ),
    );
  for (const id of ids) await ended(id);
  const first = await ask('/images?limit=2');
  const page = bodyOf(first);
  expect(page.images.map(({ media_id }: { media_id: string }) => media_id)).toEqual(ids.slice(0, 2));
  expect(page.images[0]).toEqual(bodyOf(await ask(`/images/${ids[0]}`)));
  expect(first.headers.link).toBe(`<${page.next}>; rel="next"`);
  expect(bodyOf(await ask(page.next)).images[0].media_id).toBe(ids[2]);
  const all = bodyOf(await ask('/images?limit=1000'));
  expect(all.next).toBeNull();
  expect(all.images.map(({ media_id }: { media_id: string }) => media_id)).not.toContain(own);
  expect((await ask(`/images/${own}`)).status).toBe(404);
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'cursor=abc', `cursor=${ids[0]}`]) {
    const answer = await ask(`/images?${query}`);
    expect({ query, status: answer.status, members: Object.keys(bodyOf(answer)) }).toEqual({
      query,
      status: 400,
      members: ['message'],
    });
  }
});

test.each(['no-id', '%3Cscript%3E', '%22%7D', '0'.repeat(36), '..%2f..%2fetc'])(
  'of an id like %s there is nothing',
  async (id) => {
    const answer = await ask(`/images/${id}`);
    expect(told(answer)).toEqual({ status: 404, body: { message: `Resource with id \`${decodeURIComponent(id)}\` not found` } });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  },
);

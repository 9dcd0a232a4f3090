import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { TaskContext } from '../../ports/service.ts';
import type { Result } from './contract.ts';
import { normalize } from './normalize.ts';
import { task } from './task.ts';
import { thumbnails } from './thumbnails.ts';

// The task reads files only; the tests also make and read pictures in memory.
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`),
});

let folder: string;
let fractions: (number | null)[];
let outputs: Map<string, { name: string; mediaType: string; path: string }>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-thumbnails-'));
  fractions = [];
  outputs = new Map();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const defaults = { format: 'same', quality: 80, animated: false, lenient: false };

async function start(bytes: Uint8Array, mediaType: string, options: JsonObject = {}, signal = new AbortController().signal) {
  const path = join(folder, 'input');
  await writeFile(path, bytes);
  const normal = normalize({ ...defaults, ...options });
  if (Array.isArray(normal)) throw new Error(`the options are not valid: ${JSON.stringify(normal)}`);
  const context: TaskContext = {
    input: { path, name: 'a photo.orig.jpeg', mediaType, bytes: bytes.length },
    options: normal,
    folder,
    signal,
    progress: (fraction) => fractions.push(fraction),
    output(name, outputType) {
      const id = newId();
      outputs.set(id, { name, mediaType: outputType, path: join(folder, id) });
      return { id, path: join(folder, id) };
    },
  };
  return task(context);
}

/** The result of a job that must succeed, checked for what holds for every result. */
async function make(bytes: Uint8Array, mediaType: string, options: JsonObject = {}): Promise<Result & { files: Buffer[] }> {
  const outcome = await start(bytes, mediaType, options);
  if (outcome.kind !== 'done') throw new Error(`it did not succeed: ${JSON.stringify(outcome)}`);
  // The task gives what its contract says; the fields are looked at one by one below.
  const result = outcome.result as Result;
  const files: Buffer[] = [];
  for (const { file, width, height, mediaType: type, bytes: size, placeholder } of result.thumbnails) {
    const output = outputs.get(file);
    const content = await readFile(output?.path ?? '');
    expect(output?.mediaType).toBe(type);
    expect(content.length).toBe(size);
    expect((await fileTypeFromBuffer(content))?.mime).toBe(type);
    const meta = await sharp(content).metadata();
    expect([meta.width, meta.height]).toEqual([width, height]);
    expect([meta.exif, meta.icc, meta.iptc, meta.xmp, meta.orientation, meta.depth]).toEqual([
      ...Array(5).fill(undefined),
      'uchar',
    ]);
    expect(placeholder).toMatch(/^data:image\/png;base64,/);
    expect(placeholder.length).toBeLessThan(600);
    files.push(content);
  }
  expect(fractions.at(-1)).toBe(1);
  return { ...result, files };
}

const colour = (r: number, g: number, b: number) => ({
  create: { width: 300, height: 200, channels: 3 as const, background: { r, g, b } },
});

/** 300x200: red left half, blue right half, so that it can be told which way up it is. */
function halves() {
  const blue = { create: { width: 150, height: 200, channels: 3 as const, background: '#00f' } };
  return sharp(colour(255, 0, 0)).composite([{ input: blue, left: 150, top: 0 }]);
}

async function pixel(file: Buffer | undefined, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(file).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x + 1) * info.channels)];
}

function near(actual: number[], wanted: number[], by = 12): void {
  expect(actual.length).toBe(wanted.length);
  for (const [at, value] of wanted.entries()) expect(Math.abs((actual[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(by);
}

/** 400x300 with enough detail that its bytes are many. */
const detailed = (format: 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff') =>
  sharp({
    create: { width: 400, height: 300, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 50 } },
  })
    .toFormat(format)
    .toBuffer();

/** Three frames of 60x40: red, green, blue. */
async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = await Promise.all(
    ['#f00', '#0f0', '#00f'].map((background) =>
      sharp({ create: { width: 60, height: 40, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const joined = sharp(frames, { join: { animated: true } });
  return format === 'gif'
    ? joined.gif({ delay: [100, 200, 300], loop: 2 }).toBuffer()
    : joined.webp({ delay: [100, 200, 300], loop: 2, lossless: true }).toBuffer();
}

test('a picture gives one thumbnail of 100x100 in its own format, and what the source was', async () => {
  const { source, thumbnails: made } = await make(await halves().jpeg().toBuffer(), 'image/jpeg');
  expect(source).toEqual({ mediaType: 'image/jpeg', width: 300, height: 200, frames: 1, orientation: 1 });
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ width: 100, height: 100, mediaType: 'image/jpeg' });
  expect(outputs.get(made[0]?.file ?? '')?.name).toBe('a photo.orig-100x100.jpg');
});

test('several sizes come in the order asked for, each as it was asked for', async () => {
  const sizes = [
    { width: 20, height: 20, fit: 'cover' },
    { width: 250, height: 180, fit: 'inside' },
    { width: 60, height: 60, fit: 'contain' },
    { width: 90, fit: 'cover' },
    { width: 40, height: 80, fit: 'smart' },
    { width: 600, height: 400, fit: 'cover' },
  ];
  const { thumbnails: made, files } = await make(await halves().png().toBuffer(), 'image/png', { sizes });
  expect(made.map(({ width, height }) => [width, height])).toEqual([
    [20, 20],
    [250, 167],
    [60, 60],
    [90, 60],
    [40, 80],
    [600, 400],
  ]);
  for (const at of [0, 1, 3, 5]) {
    near((await pixel(files[at], 2, 10)).slice(0, 3), [255, 0, 0]);
    near((await pixel(files[at], (made[at]?.width ?? 0) - 3, 10)).slice(0, 3), [0, 0, 255]);
  }
  expect((await pixel(files[2], 30, 2)).at(3)).toBe(0);
  near(await pixel(files[2], 5, 30), [255, 0, 0, 255]);
  expect(fractions).toHaveLength(6);
});

test('small pictures are enlarged by all fits but inside', async () => {
  const small = await sharp({ create: { width: 4, height: 2, channels: 3, background: '#0a0' } })
    .png()
    .toBuffer();
  const sizes = ['cover', 'smart', 'contain', 'inside'].map((fit) => ({ width: 50, height: 50, fit }));
  const { thumbnails: made } = await make(small, 'image/png', { sizes });
  expect(made.map(({ width, height }) => `${width}x${height}`)).toEqual(['50x50', '50x50', '50x50', '4x2']);
});

test('a hair-thin picture fills a large size without being scaled as a whole', async () => {
  const thin = await sharp({ create: { width: 1, height: 9_000, channels: 3, background: '#0a0' } })
    .png()
    .toBuffer();
  const { files } = await make(thin, 'image/png', { width: 800, height: 800 });
  near(await pixel(files[0], 400, 400), [0, 170, 0]);
  expect(await start(thin, 'image/png', { width: 800 })).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
});

test('the smart fit keeps what catches the eye', async () => {
  const face = {
    create: {
      width: 40,
      height: 40,
      channels: 3 as const,
      background: '#e0a080',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 60 },
    },
  };
  const picture = await sharp({ create: { width: 600, height: 100, channels: 3, background: '#222' } })
    .composite([{ input: await sharp(face).png().toBuffer(), left: 540, top: 30 }])
    .png()
    .toBuffer();
  const sizes = [
    { width: 100, height: 100, fit: 'smart' },
    { width: 100, height: 100, fit: 'cover' },
  ];
  const { files, thumbnails: made } = await make(picture, 'image/png', { sizes });
  const deviation = async (file: Buffer | undefined) => (await sharp(file).stats()).channels[0]?.stdev ?? 0;
  expect(await deviation(files[0])).toBeGreaterThan(10);
  expect(await deviation(files[1])).toBeLessThan(1);
  expect(made[0]?.placeholder).not.toBe(made[1]?.placeholder);
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %d', (orientation) => {
  test('is applied, reported and not left in the thumbnail', async () => {
    const turned = await halves().jpeg().withMetadata({ orientation }).toBuffer();
    const { source, files } = await make(turned, 'image/jpeg', { width: 150, fit: 'inside' });
    const isLying = orientation >= 5;
    expect(source).toEqual({
      mediaType: 'image/jpeg',
      width: isLying ? 200 : 300,
      height: isLying ? 300 : 200,
      frames: 1,
      orientation,
    });
    // Where the red half, stored on the left, is to be seen.
    const redAt =
      { 1: [10, 50], 2: [140, 50], 3: [140, 50], 4: [10, 50], 5: [75, 10], 6: [75, 10], 7: [75, 215], 8: [75, 215] }[
        orientation
      ] ?? [];
    near(await pixel(files[0], redAt[0] ?? 0, redAt[1] ?? 0), [255, 0, 0]);
  });
});

test('GPS, EXIF, XMP and colour profiles do not reach the thumbnails, of any format', async () => {
  const withAll = await halves()
    .withExif({ IFD0: { Copyright: 'Jane' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
    .withIccProfile('p3')
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>where I live</secret></x:xmpmeta>')
    .jpeg()
    .toBuffer();
  const meta = await sharp(withAll).metadata();
  expect([meta.exif, meta.icc, meta.xmp].map((part) => part !== undefined)).toEqual([true, true, true]);
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif']) {
    const { files } = await make(withAll, 'image/jpeg', { format });
    expect(files[0]?.includes('where I live') || files[0]?.includes('Jane') || files[0]?.includes('Exif')).toBe(false);
  }
});

test('colours are converted to sRGB of 8 bits: CMYK, 16 bits, Display P3', async () => {
  const cmyk = await sharp(colour(200, 40, 40))
    .toColourspace('cmyk')
    .jpeg({ quality: 95 })
    .toBuffer();
  expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
  near(await pixel((await make(cmyk, 'image/jpeg')).files[0], 50, 50), [200, 40, 40], 25);

  const deep = await sharp(colour(200, 40, 40))
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  near(await pixel((await make(deep, 'image/png')).files[0], 50, 50), [200, 40, 40], 2);

  const wide = await sharp(colour(200, 40, 40))
    .withIccProfile('p3')
    .png()
    .toBuffer();
  near(await pixel((await make(wide, 'image/png')).files[0], 50, 50), [200, 40, 40], 4);
});

test.each([
  ['grey', (picture: Sharp) => picture.greyscale().png()],
  ['grey and see-through', (picture: Sharp) => picture.greyscale().ensureAlpha(0.5).png()],
  ['see-through', (picture: Sharp) => picture.ensureAlpha(0.5).png()],
])('a %s picture becomes every format', async (_what, change) => {
  const picture = await change(sharp(colour(100, 100, 100))).toBuffer();
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'])
    await make(picture, 'image/png', { format, sizes: [{ width: 50, height: 20, fit: 'contain' }] });
});

test('behind a see-through picture, and in margins, JPEG is white', async () => {
  const clear = await sharp({ create: { width: 40, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toBuffer();
  const { files } = await make(clear, 'image/png', { format: 'jpeg', fit: 'contain' });
  near(await pixel(files[0], 50, 50), [255, 255, 255]);
  near(await pixel(files[0], 50, 2), [255, 255, 255]);
});

describe('formats', () => {
  test.each(['jpeg', 'png', 'webp', 'gif'] as const)('%s stays as it is', async (format) => {
    const { thumbnails: made } = await make(await detailed(format), `image/${format}`);
    expect(made[0]?.mediaType).toBe(`image/${format}`);
  });

  test('AVIF stays AVIF, TIFF becomes JPEG, or PNG where it is see-through', async () => {
    const avif = await make(await halves().avif({ effort: 0 }).toBuffer(), 'image/avif');
    const tiff = await make(await detailed('tiff'), 'image/tiff');
    const clear = await make(
      await sharp(colour(1, 2, 3))
        .ensureAlpha(0.5)
        .tiff({ compression: 'deflate' })
        .toBuffer(),
      'image/tiff',
    );
    expect([avif, tiff, clear].map((made) => made.thumbnails[0]?.mediaType)).toEqual(['image/avif', 'image/jpeg', 'image/png']);
  });

  test('the quality changes the size', async () => {
    const bytes = async (quality: number) =>
      (await make(await detailed('jpeg'), 'image/jpeg', { quality })).thumbnails[0]?.bytes ?? 0;
    expect(await bytes(10)).toBeLessThan(await bytes(90));
  });
});

describe('animations', () => {
  test.each(['gif', 'webp'] as const)(
    'all frames of a %s are kept when asked for, with their times, scaled and cut',
    async (format) => {
      const picture = await animation(format);
      for (const options of [
        { width: 30 },
        { width: 20, height: 20 },
        { width: 40, height: 40, fit: 'contain' },
        { fit: 'smart' },
      ]) {
        const { source, files, thumbnails: made } = await make(picture, `image/${format}`, { animated: true, ...options });
        expect(source.frames).toBe(3);
        const meta = await sharp(files[0]).metadata();
        expect(meta).toMatchObject({ pages: 3, delay: [100, 200, 300], loop: 2 });
        const third = await sharp(files[0], { page: 2 }).png().toBuffer();
        const [width, height] = [made[0]?.width ?? 0, made[0]?.height ?? 0];
        near((await pixel(third, width >> 1, height >> 1)).slice(0, 3), [0, 0, 255], 20);
      }
    },
  );

  test('without being asked for, or in a format that cannot, the first frame is taken', async () => {
    const picture = await animation('gif');
    for (const options of [{}, { animated: true, format: 'png' }, { animated: true, format: 'avif' }]) {
      const { files } = await make(picture, 'image/gif', options);
      expect((await sharp(files[0]).metadata()).pages ?? 1).toBe(1);
      near((await pixel(files[0], 50, 50)).slice(0, 3), [255, 0, 0], 20);
    }
  });

  test('a GIF becomes an animated WebP', async () => {
    const { files } = await make(await animation('gif'), 'image/gif', { animated: true, format: 'webp' });
    expect((await sharp(files[0]).metadata()).pages).toBe(3);
  });

  test('a picture that stands still is no animation, asked for or not', async () => {
    await make(await detailed('gif'), 'image/gif', { animated: true });
  });

  test('a turned animation becomes its first frame, upright', async () => {
    const turned = await sharp(await animation('webp'), { animated: true })
      .withMetadata({ orientation: 6 })
      .webp({ lossless: true })
      .toBuffer();
    const { source, files } = await make(turned, 'image/webp', { animated: true, width: 20, fit: 'inside' });
    expect(source).toMatchObject({ width: 40, height: 60, orientation: 6, frames: 3 });
    near(await pixel(files[0], 10, 15), [255, 0, 0]);
  });

  test('more than a thousand frames are refused', async () => {
    const frames = await sharp({
      create: {
        width: 1,
        height: 1001,
        pageHeight: 1,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 90 },
      },
    })
      .gif({ keepDuplicateFrames: true })
      .toBuffer();
    const outcome = await start(frames, 'image/gif');
    expect(outcome).toMatchObject({
      kind: 'rejected',
      code: 'media-limits-exceeded',
      detail: expect.stringContaining('1001 frames'),
    });
  });
});

describe('SVG', () => {
  const svg = (body: string, attributes = 'width="40" height="20"') =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`);

  test('becomes a PNG, drawn sharp at any size', async () => {
    const {
      source,
      files,
      thumbnails: made,
    } = await make(svg('<rect width="20" height="20" fill="#00f"/>'), 'image/svg+xml', { width: 800 });
    expect(source).toMatchObject({ width: 40, height: 20 });
    expect(made[0]).toMatchObject({ width: 800, height: 400, mediaType: 'image/png' });
    near(await pixel(files[0], 397, 200), [0, 0, 255, 255], 1);
    near(await pixel(files[0], 402, 200), [0, 0, 0, 0], 1);
  });

  test('shows no other file, wherever it lies', async () => {
    const secret = join(folder, 'secret.png');
    await sharp(colour(255, 0, 0))
      .png()
      .toFile(secret);
    for (const href of ['secret.png', secret, `file://${secret}`, 'http://127.0.0.1:9/secret.png']) {
      const { files } = await make(svg(`<image width="40" height="20" xlink:href="${href}" href="${href}"/>`), 'image/svg+xml');
      expect(await pixel(files[0], 50, 50)).toEqual([0, 0, 0, 0]);
    }
  });

  test('scripts do nothing, and entities do not fill the memory', async () => {
    await make(svg('<script>while (true) {}</script><rect width="9" height="9"/>'), 'image/svg+xml');
    const entities = [
      '<!ENTITY a "lol">',
      ...[...'bcdefghij'].map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`),
    ];
    const laughs = `<?xml version="1.0"?><!DOCTYPE svg [${entities.join('')}]>${svg('<text>&j;</text>')}`;
    expect(['done', 'rejected']).toContain((await start(Buffer.from(laughs), 'image/svg+xml')).kind);
  });

  test('is refused where it is huge, and where it is no SVG', async () => {
    expect(await start(svg('', 'width="30000" height="30000"'), 'image/svg+xml')).toMatchObject({
      kind: 'rejected',
      code: 'media-limits-exceeded',
    });
    expect(await start(svg('<rect'), 'image/svg+xml')).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
  });

  test('is not read under another name, where it would lie in a folder', async () => {
    expect(await start(svg('<rect width="9" height="9"/>'), 'image/png')).toMatchObject({
      kind: 'rejected',
      code: 'unprocessable-media',
    });
  });
});

describe('damaged pictures', () => {
  test.each(['jpeg', 'png', 'gif', 'webp', 'tiff'] as const)(
    'a %s that is cut off is rejected, with a sentence for people',
    async (format) => {
      const whole = await detailed(format);
      const outcome = await start(whole.subarray(0, whole.length * 0.6), `image/${format}`);
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
      expect(outcome.kind === 'rejected' && outcome.detail).toMatch(/^The picture is damaged.*`lenient`/);
      expect(JSON.stringify(outcome)).not.toContain(folder);
    },
  );

  test.each([
    { width: 100, height: 10 },
    { width: 100, height: 10, fit: 'smart' },
    { sizes: [{ width: 100, height: 4, fit: 'cover' }] },
  ])('a missing end is found also where the thumbnail %j shows another part', async (options) => {
    for (const format of ['jpeg', 'png'] as const) {
      const whole = await detailed(format);
      expect(await start(whole.subarray(0, whole.length * 0.9), `image/${format}`, options)).toMatchObject({ kind: 'rejected' });
    }
  });

  test.each(['jpeg', 'png', 'gif'] as const)('of a %s that is cut off, what is there is taken when asked for', async (format) => {
    const whole = await detailed(format);
    await make(whole.subarray(0, whole.length * 0.6), `image/${format}`, { lenient: true });
  });

  test('a file that is no picture is refused by its kind', async () => {
    expect(await start(Buffer.from('BM'), 'image/bmp')).toMatchObject({ kind: 'rejected', code: 'unsupported-media-type' });
  });

  test('a PNG whose checksum is wrong is rejected', async () => {
    const broken = await detailed('png');
    const at = broken.length - 16;
    broken.writeUInt32BE((broken.readUInt32BE(at) ^ 1) >>> 0, at);
    expect(await start(broken, 'image/png')).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
  });

  test('stray bytes between two segments of a JPEG harm nobody', async () => {
    const whole = await detailed('jpeg');
    const quantization = whole.indexOf(Buffer.from([0xff, 0xdb]));
    await make(Buffer.concat([whole.subarray(0, quantization), Buffer.from([0]), whole.subarray(quantization)]), 'image/jpeg');
    await make(Buffer.concat([whole, Buffer.alloc(3_000, 7)]), 'image/jpeg');
  });

  test('a picture of more than 50 million pixels is refused', async () => {
    const huge = await sharp({ create: { width: 7_100, height: 7_100, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    expect(await start(huge, 'image/png', { lenient: true })).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
  });
});

test('a job that is canceled stops before it draws', async () => {
  const signal = AbortSignal.abort(new Error('canceled'));
  await expect(start(await detailed('jpeg'), 'image/jpeg', {}, signal)).rejects.toThrow('canceled');
});

test('a file that is not there is a fault of ours and is told as such', async () => {
  const bytes = await detailed('jpeg');
  await writeFile(join(folder, 'input'), bytes);
  const context = {
    input: { path: join(folder, 'absent'), name: null, mediaType: 'image/jpeg', bytes: 1 },
    options: normalize(defaults),
  };
  // Only what is read before the picture is opened.
  await expect(task(context as unknown as TaskContext)).rejects.toThrow(/missing/);
  expect((await stat(join(folder, 'input'))).size).toBe(bytes.length);
});

const corpus = new URL('../../../../shared/corpora/images/', import.meta.url);

describe.runIf(existsSync(corpus))('real pictures', () => {
  const names = existsSync(corpus) ? readdirSync(corpus).filter((name) => !name.endsWith('.json')) : [];
  interface Truth {
    exif_orientation?: number;
    upright?: string;
    must_decode?: boolean;
    must_fail?: boolean;
  }
  const items: { file: string; truth: Truth; reference_sharp: { thumb?: object | null } }[] = existsSync(corpus)
    ? JSON.parse(readFileSync(new URL('manifest.json', corpus), 'utf8')).items
    : [];
  const byName = new Map(items.map((entry) => [entry.file.replace('images/', ''), entry]));

  test.each(names)('%s succeeds or is rejected, as its truth says', async (name) => {
    const bytes = await readFile(new URL(encodeURIComponent(name), corpus));
    const found = (await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream';
    const mediaType = bytes.subarray(0, 1_000).includes('<svg') && !found.startsWith('image/') ? 'image/svg+xml' : found;
    const outcome = await start(bytes, mediaType);
    const { truth, reference_sharp } = byName.get(name) ?? { truth: {}, reference_sharp: {} };
    if (truth.must_decode || reference_sharp.thumb) expect(outcome.kind).toBe('done');
    if (truth.must_fail || !thumbnails.accepts.includes(mediaType)) expect(outcome.kind).toBe('rejected');
    if (outcome.kind !== 'done') return;
    const { source } = outcome.result as Result;
    expect(source.orientation).toBe(truth.exif_orientation ?? source.orientation);
    expect(`${source.width}x${source.height}`).toBe(truth.upright ?? `${source.width}x${source.height}`);
  });
});

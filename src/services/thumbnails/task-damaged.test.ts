import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { detailed } from '../../../test/support/pictures.ts';
import { folder, make, start } from '../../../test/support/thumbnails-task.ts';
import type { Result } from './contract.ts';
import { thumbnails } from './thumbnails.ts';

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

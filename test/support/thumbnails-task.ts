/** Runs the task of the thumbnails in this process, in a folder that lasts for one test, on pictures that the test makes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { afterEach, beforeEach, expect } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import type { PictureSize } from '../../src/core/job.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { pictureMeter } from '../../src/http/intake/picture-meter.ts';
import type { TaskContext } from '../../src/ports/service.ts';
import type { Result } from '../../src/services/thumbnails/contract.ts';
import { normalize } from '../../src/services/thumbnails/normalize.ts';
import { task } from '../../src/services/thumbnails/task.ts';

// The task reads files only; the tests also make and read pictures in memory.
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`),
});

export let folder: string;
export let fractions: (number | null)[];
export let outputs: Map<string, { name: string; mediaType: string; path: string }>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-thumbnails-'));
  fractions = [];
  outputs = new Map();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const defaults = { page: 1, format: 'same', quality: 80, animated: false, lenient: false };

export async function start(
  bytes: Uint8Array,
  mediaType: string,
  options: JsonObject = {},
  signal = new AbortController().signal,
  picture = measure(bytes, mediaType),
) {
  const path = join(folder, 'input');
  await writeFile(path, bytes);
  const normal = normalize({ ...defaults, ...options });
  if (Array.isArray(normal)) throw new Error(`the options are not valid: ${JSON.stringify(normal)}`);
  const context: TaskContext = {
    input: { path, name: 'a photo.orig.jpeg', mediaType, bytes: bytes.length, picture },
    options: normal,
    traceparent: '',
    folder,
    signal,
    progress: (fraction) => fractions.push(fraction),
    output(name, outputType) {
      const id = newId();
      outputs.set(id, { name, mediaType: outputType, path: join(folder, id) });
      return { id, path: join(folder, id) };
    },
    async outputBytes(name, outputType, bytes) {
      const { id, path } = this.output(name, outputType);
      await writeFile(path, bytes);
      return id;
    },
  };
  return task(context);
}

/** What the intake finds; null also for what it refuses. */
export function measure(bytes: Uint8Array, mediaType: string): PictureSize | null {
  const meter = pictureMeter(mediaType);
  try {
    meter?.write(Buffer.from(bytes));
    return meter?.end() ?? null;
  } catch {
    return null;
  }
}

/** The result of a job that must succeed, checked for what holds for every result. */
export async function make(
  bytes: Uint8Array,
  mediaType: string,
  options: JsonObject = {},
): Promise<Result & { files: Buffer[] }> {
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
  if (fractions.length > 0) expect(fractions.at(-1)).toBe(1);
  return { ...result, files };
}

export const colour = (r: number, g: number, b: number) => ({
  create: { width: 300, height: 200, channels: 3 as const, background: { r, g, b } },
});

/** 300x200: red left half, blue right half, so that it can be told which way up it is. */
export function halves() {
  const blue = { create: { width: 150, height: 200, channels: 3 as const, background: '#00f' } };
  return sharp(colour(255, 0, 0)).composite([{ input: blue, left: 150, top: 0 }]);
}

export async function pixel(file: Buffer | undefined, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(file).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x + 1) * info.channels)];
}

export function near(actual: number[], wanted: number[], by = 12): void {
  expect(actual.length).toBe(wanted.length);
  for (const [at, value] of wanted.entries()) expect(Math.abs((actual[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(by);
}

/** Three frames of 60x40: red, green, blue. */
export async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
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

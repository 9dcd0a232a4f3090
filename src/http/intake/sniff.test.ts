import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pictureMeter } from './picture-meter.ts';
import { sniff, sniffBytes } from './sniff.ts';

test.each([
  ['<svg/>', 'image/svg+xml'],
  ['\ufeff<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE svg [<!ENTITY x "]">]>\n<svg:svg xmlns:svg="x">', 'image/svg+xml'],
  ['<html><svg/></html>', 'text/plain'],
  ['%PDF-1.7', 'application/pdf'],
  ['junk before\n%PDF-1.4', 'application/pdf'],
  ['GIF89a<script>', 'image/gif'],
  ['hello', 'text/plain'],
  ['\0\0\0\0', null],
  [`${'<!---->'.repeat(2000)}<p>`, 'text/plain'],
])('%j is %s', async (text, type) => {
  const found = await sniff(Buffer.from(text).subarray(0, sniffBytes));
  expect(found === 'application/xml' ? 'text/plain' : found).toBe(type);
});

test.each(['II*\0\xf0\xf0\xf0\0', 'MM\0*\0\xf0\xf0\xf0'])(
  'a TIFF whose directory lies far behind its head is one (%j)',
  async (start) => {
    expect(await sniff(Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(sniffBytes - 8)]))).toBe('image/tiff');
  },
);

const corpus = fileURLToPath(new URL('../../../../shared/corpora/images/', import.meta.url));

const bombs = ['libvips_17000x17000.avif', 'sharp_65536-uint32-limit.png', 'pillow_decompression_bomb.gif'];

test.skipIf(!existsSync(corpus))(
  'of real pictures the kind and the size are found, in chunks of any length, and bombs are refused',
  async () => {
    const names = readdirSync(corpus).filter((name) => /\.(png|jpg|gif|webp|avif|tif)$/.test(name));
    expect(names.length).toBeGreaterThan(100);
    for (const name of names) {
      const bytes = readFileSync(corpus + name);
      const type = await sniff(bytes.subarray(0, sniffBytes));
      if (bytes.length < 8 || type === null) continue;
      expect(type, name).toMatch(/^image\//);
      const measure = (chunkBytes: number) => {
        const meter = pictureMeter(type);
        for (let at = 0; at < bytes.length; at += chunkBytes) meter?.write(bytes.subarray(at, at + chunkBytes));
        return meter?.end();
      };
      if (bombs.includes(name))
        expect(() => measure(1000), name).toThrow(expect.objectContaining({ code: 'media-limits-exceeded' }));
      else if (!/giant|1638[34]|bomb/.test(name)) expect(measure(777), name).toEqual(measure(bytes.length));
    }
  },
);

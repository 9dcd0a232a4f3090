import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { thumbnails } from './thumbnails.ts';

const validate = new Ajv2020({
  useDefaults: true,
  strict: true,
  formats: { uuid: true },
  keywords: ['x-form', 'x-default', 'x-help'],
}).compile(thumbnails.contract.options);

test('the version names the sharp and the PDFium that are installed', () => {
  const require = createRequire(import.meta.url);
  const library = join(dirname(require.resolve('@hyzyla/pdfium')), '../package.json');
  const { version } = JSON.parse(readFileSync(library, 'utf8'));
  const [names] = thumbnails.version.split('/');
  expect(names).toBe(`${sharp.versions.sharp}+${version}`);
});

test('every option that is left out is filled in', () => {
  const options = {};
  expect(validate(options)).toBe(true);
  expect(thumbnails.normalize?.(options)).toEqual({
    sizes: [{ width: 100, height: 100, fit: 'cover' }],
    page: 1,
    format: 'same',
    quality: 80,
    animated: false,
    lenient: false,
  });
});

test('a size in a list needs no fit', () => {
  const options = { sizes: [{ width: 3 }] };
  expect(validate(options)).toBe(true);
  expect(options.sizes).toEqual([{ width: 3, fit: 'cover' }]);
});

test.each([
  ...[0, -1, 1.5, 1e9, '100', null].map((width) => ({ width })),
  { height: 4097 },
  { fit: 'fill' },
  { format: 'bmp' },
  { quality: 0 },
  { quality: 101 },
  { animated: 'yes' },
  { page: 0 },
  { page: 2_001 },
  { page: '1' },
  { sizes: [] },
  { sizes: [{}] },
  { sizes: [{ fit: 'cover' }] },
  { sizes: [{ width: 1, depth: 1 }] },
  { sizes: Array.from({ length: 21 }, () => ({ width: 1 })) },
])('the options %j are refused', (options) => {
  expect(validate(options)).toBe(false);
});

import { expect, test } from 'vitest';
import { ServiceError } from '../core/errors.ts';
import { pictureError, tellsOfDamage } from './picture-error.ts';

test.each([
  ['VipsJpeg: premature end of JPEG image', 'unprocessable-media', 'The picture is damaged: premature end of JPEG image.'],
  ['Input file has corrupt header: \nVipsJpeg: no image', 'unprocessable-media', 'The picture is damaged: no image.'],
  ['Input file has corrupt header: ', 'unprocessable-media', 'The picture is damaged.'],
  ['/home/me/work 1/in.tif: bad seek to 33\n/home/me', 'unprocessable-media', 'The picture is damaged'],
  ['/tmp/x/in.tif: bad seek to 33', 'unprocessable-media', 'The picture is damaged: bad seek to 33.'],
  [
    'Input image exceeds pixel limit',
    'media-limits-exceeded',
    'The picture is too large; 50 million pixels a frame are the limit.',
  ],
  ['Input file contains unsupported image format', 'unprocessable-media', 'The picture is damaged.'],
  ['tiff2vips: Old-style JPEG compression support is not configured', 'unsupported-media-type', 'decoded here: Old-style JPEG'],
])('%j becomes %s', (message, code, detail) => {
  const error = pictureError(new Error(message));
  expect(error).toBeInstanceOf(ServiceError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(detail) });
  expect(String(error)).not.toMatch(/\/|vips/i);
});

test.each([
  'Input file is missing: /tmp/x',
  'Expected integer for width but received x',
  'out of memory --- size 1',
  'unable to open for write',
])('%j is no fault of the picture', (message) => {
  const error = new Error(message);
  expect(pictureError(error)).toBe(error);
});

test('what libjpeg skips between two segments is no damage, what it skips inside the picture is', () => {
  expect(tellsOfDamage(new Error('VipsJpeg: Corrupt JPEG data: 1 extraneous bytes before marker 0xdb'))).toBe(false);
  expect(tellsOfDamage(new Error('VipsJpeg: Corrupt JPEG data: 12 extraneous bytes before marker 0xd9'))).toBe(false);
  expect(tellsOfDamage(new Error('VipsJpeg: Corrupt JPEG data: 1214 extraneous bytes before marker 0xd0'))).toBe(true);
  expect(tellsOfDamage(new Error('VipsJpeg: Corrupt JPEG data: bad Huffman code'))).toBe(true);
});

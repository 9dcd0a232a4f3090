import { expect, test } from 'vitest';
import { options as ocrOptions } from '../../../services/ocr/contract.ts';
import { options as thumbnailsOptions } from '../../../services/thumbnails/contract.ts';
import { fieldsOf } from './fields.ts';
import { errorsOf, givenValues, startValues } from './values.ts';

const thumbnails = fieldsOf({ options: { ...thumbnailsOptions } });
const ocr = fieldsOf({ options: { ...ocrOptions }, languages: ['eng', 'deu'] });

test('every option of the contracts has a field, but for shorthands', () => {
  expect(thumbnails.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
    'sizes: rows',
    'page: number',
    'format: choice',
    'quality: number',
    'animated: switch',
    'lenient: switch',
  ]);
  expect(ocr.map(({ name, kind, advanced }) => `${name}: ${kind}${advanced ? ', advanced' : ''}`)).toEqual([
    'language: languages',
    'pages: text',
    'outputs: several',
    'rotate: choice',
    'deskew: switch, advanced',
    'force: switch, advanced',
    'lenient: switch, advanced',
    'partial: switch, advanced',
  ]);
});

test('untouched, nothing is sent; touched, what differs', () => {
  for (const fields of [thumbnails, ocr]) expect(givenValues(fields, startValues(fields))).toEqual({});
  expect(givenValues(ocr, { ...startValues(ocr), pages: '2', deskew: false, rotate: 'auto' })).toEqual({
    pages: '2',
    deskew: false,
  });
  const sizes = [{ width: 50, height: null, fit: 'cover' }];
  expect(givenValues(thumbnails, { ...startValues(thumbnails), sizes, page: null })).toEqual({
    sizes: [{ width: 50, fit: 'cover' }],
  });
});

test('what was kept from another day counts where it still fits', () => {
  const kept = { language: ['fra'], pages: '2', outputs: ['xml'], rotate: 'none', gone: 1, deskew: 'yes' };
  expect(givenValues(ocr, startValues(ocr, kept))).toEqual({ pages: '2', rotate: 'none' });
  const rows = { sizes: [{ width: 70_000 }], quality: 30, page: 0 };
  expect(givenValues(thumbnails, startValues(thumbnails, rows))).toEqual({ quality: 30 });
});

test('what the server would refuse is told at its place', () => {
  const sizes = [{ width: 10, height: 10, fit: 'cover' }, { width: 5_000 }];
  expect([...errorsOf(thumbnails, { ...startValues(thumbnails), sizes, quality: 1.5 })]).toEqual([
    ['sizes/1/width', 'From 1 to 4096.'],
    ['quality', 'Write a whole number.'],
  ]);
  expect([...errorsOf(ocr, { ...startValues(ocr), pages: 'x', outputs: [] })]).toEqual([
    ['pages', 'Write it like 1-3,7.'],
    ['outputs', 'Choose at least one.'],
  ]);
});

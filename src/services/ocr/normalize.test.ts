import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ocrWith } from './ocr.ts';

const found = {
  kind: 'program',
  version: '5.3.0',
  languages: ['deu', 'eng'],
  program: '/usr/bin/tesseract',
  dataFolder: '/data',
} as const;
const service = ocrWith(found);
const ajv = new Ajv2020({
  useDefaults: true,
  strict: true,
  strictTypes: false,
  formats: { uuid: true },
  keywords: ['x-form', 'x-default', 'x-help'],
});
const validate = ajv.compile(service.contract.options);

test('every option that is left out is filled in', () => {
  const options = {};
  expect(validate(options)).toBe(true);
  expect(service.normalize?.(options)).toEqual({
    language: ['eng'],
    outputs: ['text', 'words'],
    rotate: 'auto',
    deskew: true,
    force: false,
    lenient: false,
    partial: false,
  });
});

test.each([
  ['3', '3'],
  ['1-3,7', '1-3,7'],
  [' 7, 2 - 4,3-5 ', '2-5,7'],
  ['1,2,3', '1-3'],
])('the pages %j are spelled %j', (pages, spelled) => {
  expect(validate({ pages })).toBe(true);
  expect(service.normalize?.({ language: ['eng'], outputs: ['text'], pages })).toMatchObject({ pages: spelled });
});

test.each(['5-2', '0', '0-3', '1-99999999', Array.from({ length: 101 }, (_, at) => 2 * at + 1).join()])(
  'the pages %j are refused',
  (pages) => {
    const problems = service.normalize?.({ language: ['eng'], outputs: ['text'], pages });
    expect(problems).toEqual([{ pointer: '#/options/pages', detail: expect.any(String) }]);
  },
);

test.each([
  ...['', 'a', '1-', '-3', '1;2', '1-2-3', '1.5'].map((pages) => ({ pages })),
  ...[[], ['../../x'], ['eng', 'eng'], 'eng', ['-l'], ['a b'], Array(200).fill('eng')].map((language) => ({ language })),
  { outputs: [] },
  { outputs: ['docx'] },
  { rotate: 90 },
  { deskew: 'yes' },
  { psm: 3 },
])('the options %j are refused', (options) => {
  expect(validate(options)).toBe(false);
});

test('a language that is not installed is refused with the way to install it', () => {
  const options = { language: ['eng', 'chi_sim'], outputs: ['text'] };
  const detail = expect.stringMatching(/chi_sim is not installed; there is deu, eng\..*apt-get install tesseract-ocr-chi-sim/);
  expect(service.normalize?.(options)).toEqual([{ pointer: '#/options/language/1', detail }]);
  const js = ocrWith({ kind: 'js', version: '7.0.0', languages: ['eng'] });
  const hint = expect.stringContaining('npm install @tesseract.js-data/deu');
  expect(js.normalize?.({ language: ['deu'], outputs: ['text'] })).toEqual([{ pointer: '#/options/language/0', detail: hint }]);
});

test('another engine or another version of it is another version of the service', () => {
  const versions = [found, { ...found, version: '5.5.1' }, { kind: 'js', version: '5.3.0', languages: ['eng'] } as const].map(
    (each) => ocrWith(each).version,
  );
  expect(new Set(versions).size).toBe(3);
});

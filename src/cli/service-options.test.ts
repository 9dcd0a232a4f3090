import { expect, test } from 'vitest';
import { readSubmitWords } from './service-options.ts';
import { UsageError } from './usage-error.ts';

const schema = {
  type: 'object',
  properties: {
    width: { type: 'integer' },
    quality: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    format: { enum: ['same', 'webp'] },
    animated: { type: 'boolean' },
    sizes: { type: 'array', items: { type: 'object', anyOf: [{ required: ['width'] }, { required: ['height'] }] } },
    language: { type: 'array', items: { type: 'string' } },
    pages: { anyOf: [{ const: 'all' }, { type: 'array', items: { type: 'integer' } }] },
    joinPages: { type: 'boolean' },
  },
};

const read = (...words: string[]) => readSubmitWords(words, 'thumbnails', schema);

test('options take the types of the schema, wherever the file stands', () => {
  const words = ['--width', '200', 'photo.jpg', '--format=webp', '--animated', '--quality', 'null', '--sizes', '[{"width":64}]'];
  expect(read(...words)).toEqual({
    operands: ['photo.jpg'],
    options: { width: 200, format: 'webp', animated: true, quality: null, sizes: [{ width: 64 }] },
  });
});

test('a switch does not take the file behind it, and can be turned off in two ways', () => {
  expect(read('--animated', 'a.gif')).toEqual({ operands: ['a.gif'], options: { animated: true } });
  expect(read('--no-animated', 'a.gif').options).toEqual({ animated: false });
  expect(read('--animated', 'false', 'a.gif')).toEqual({ operands: ['a.gif'], options: { animated: false } });
});

test('a list is its members with commas, and text that looks like a number stays text where text is asked for', () => {
  expect(read('--language', 'eng,123').options).toEqual({ language: ['eng', '123'] });
  expect(read('--language', '["eng"]').options).toEqual({ language: ['eng'] });
  expect(read('--pages', '1,2').options).toEqual({ pages: [1, 2] });
});

test('a name may be written with dashes', () => {
  expect(read('--join-pages').options).toEqual({ joinPages: true });
  expect(read('--joinPages').options).toEqual({ joinPages: true });
});

test('"-" is a file, and a prototype name is no option', () => {
  expect(read('-').operands).toEqual(['-']);
  expect(() => read('--__proto__', '1')).toThrow(UsageError);
});

test.each([
  [['--widht', '1'], 'The service thumbnails has no option --widht. Did you mean --width? Its options are --width, --quality,'],
  [['--width', 'wide'], '--width must be a whole number, not "wide".'],
  [['--width'], '--width needs a value.'],
  [['--width', '1', '--width', '2'], '--width is given twice.'],
  [['--no-width'], 'The service thumbnails has no option --no-width.'],
  [['--no-animated=1'], '--no-animated takes no value.'],
  [['--sizes', '64'], '--sizes must be a list or an object as JSON,'],
  [['--sizes', '[{'], '--sizes must be JSON,'],
  [['-x'], 'There is no flag -x.'],
])('%j is refused with a sentence', (words, sentence) => {
  expect(() => read(...words)).toThrow(UsageError);
  expect(() => read(...words)).toThrow(sentence);
});

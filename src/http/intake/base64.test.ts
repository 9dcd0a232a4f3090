import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Base64Decoder, decodeBase64String, isBase64Of } from './base64.ts';

const decoded = (chunks: readonly string[]) => {
  const decoder = new Base64Decoder();
  return Buffer.concat([...chunks.map((chunk) => decoder.write(chunk)), decoder.end()]);
};

test('bytes come back from both alphabets, with line breaks and without padding, wherever the text is cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 80 }),
      (bytes, urlSafe, lines, size) => {
        const plain = Buffer.from(bytes).toString(urlSafe ? 'base64url' : 'base64');
        const text = lines ? plain.replace(/(.{7})/g, '$1\r\n') : plain;
        const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(decoded(chunks).equals(Buffer.from(bytes))).toBe(true);
      },
    ),
  );
});

test.each([
  [['QQ=']],
  [['Q']],
  [['QQ==', 'QQ==']],
  [['QQ==QQ==']],
  [['====']],
  [['QUJD', '=']],
  [['Q$==']],
  [['AAAA', '==', '==']],
])('%j is malformed', (chunks) => {
  expect(() => decoded(chunks)).toThrow(expect.objectContaining({ code: 'malformed-base64' }));
});

test('a long string is decoded in slices', async () => {
  const bytes = Buffer.alloc(700_001, 'coat');
  const parts: Buffer[] = [];
  for await (const part of decodeBase64String(bytes.toString('base64'))) parts.push(part);
  expect(parts.length).toBeGreaterThan(2);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

test('text is taken for base64 only where a known kind of file comes out', async () => {
  expect(await isBase64Of(Buffer.from(Buffer.from('GIF89a-and-so-on').toString('base64')))).toBe(true);
  expect(await isBase64Of(Buffer.from('hello'))).toBe(false);
  expect(await isBase64Of(Buffer.from(Buffer.from('only text').toString('base64')))).toBe(false);
  expect(await isBase64Of(Buffer.from('no base64!'))).toBe(false);
});

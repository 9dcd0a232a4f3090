import { expect, test } from 'vitest';
import { decodeLooseBase64 } from './loose-base64.ts';

/** The bytes in hex, or the code of the error; the text comes in chunks of `chunkChars`. */
async function decode(text: string, chunkChars = text.length || 1): Promise<string> {
  async function* chunks() {
    for (let at = 0; at < text.length; at += chunkChars) yield Buffer.from(text.slice(at, at + chunkChars), 'latin1');
  }
  const decoded: Buffer[] = [];
  try {
    for await (const bytes of decodeLooseBase64(chunks())) decoded.push(bytes);
  } catch (error) {
    return String(Object(error).code);
  }
  return Buffer.concat(decoded).toString('hex');
}

// As `base64.b64decode` of CPython 3.11 gives them.
test.each([
  ['nothing', '', ''],
  ['four letters', 'abcd', '69b71d'],
  ['one padding', 'abc=', '69b7'],
  ['two paddings', 'ab==', '69'],
  ['line breaks and spaces', 'ab\r\nc d\n', '69b71d'],
  ['letters of no alphabet', 'a-b_c!d', '69b71d'],
  ['padding at the beginning', '==abcd', '69b71d'],
  ['padding behind one letter', 'a=bcd', '69b71d'],
  ['a padding between the second and the third letter', 'ab=cd', '69b71d'],
  ['paddings with something between them', 'ab=-=cd', '69'],
  ['padding behind a whole group', 'abcd=', '69b71d'],
  ['text behind the end', 'abc=defg', '69b7'],
  ['more paddings than needed', 'ab======', '69'],
  ['one letter too many', 'abcde', 'malformed-base64'],
  ['two letters without padding', 'ab', 'malformed-base64'],
  ['three letters without padding', 'abc', 'malformed-base64'],
  ['two letters with one padding', 'ab=', 'malformed-base64'],
  ['a picture as it is', '\x89PNG\r\n', 'malformed-base64'],
  ['a byte of no ASCII behind the end', 'abc=\xe9', 'malformed-base64'],
])('%s is read as Python reads it, however it is cut', async (_what, text, expected) => {
  for (const chunkChars of [text.length || 1, 1, 2, 3, 5]) expect(await decode(text, chunkChars)).toBe(expected);
});

test('a long text decodes to what was encoded, with lines of 76 letters too', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251));
  const text = bytes.toString('base64');
  const lines = text.replace(/.{76}/g, '$&\r\n');
  for (const each of [text, lines]) expect(await decode(each, 65_536)).toBe(bytes.toString('hex'));
});

test('a text of nothing but padding is read once, not once a padding', async () => {
  expect(await decode('='.repeat(20_000_000), 65_536)).toBe('');
});

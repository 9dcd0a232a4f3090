import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryOf, readMultipart } from './multipart.ts';

async function* inChunks(body: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (body.length + 1)).sort((a, b) => a - b), body.length]) {
    if (cut > at) yield body.subarray(at, cut);
    at = Math.max(at, cut);
  }
}

async function read(
  body: Buffer,
  cuts: readonly number[] = [],
): Promise<{ name: string; fileName: string | undefined; bytes: string }[]> {
  const parts = [];
  for await (const { name, fileName, bytes } of readMultipart(inChunks(body, cuts), 'bound')) {
    const chunks: Buffer[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    parts.push({ name, fileName, bytes: Buffer.concat(chunks).toString('latin1') });
  }
  return parts;
}

const bodyOf = (contents: readonly string[]) =>
  Buffer.from(
    `${contents.map((content, n) => `--bound\r\nContent-Disposition: form-data; name="p${n}"\r\n\r\n${content}\r\n`).join('')}--bound--\r\n`,
    'latin1',
  );

test('parts come out as they went in, wherever the body is cut into chunks', async () => {
  const content = fc.oneof(
    fc.constantFrom('', '\r\n', '--bound', '\r\n--boun', '\r\n--', '\r\r\n-'),
    fc.string({ maxLength: 40, unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 4, minLength: 1 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      async (contents, cuts) => {
        fc.pre(contents.every((each) => !each.includes('\r\n--bound')));
        expect((await read(bodyOf(contents), cuts)).map(({ bytes }) => bytes)).toEqual(contents);
      },
    ),
  );
});

test('a preamble, an epilogue, padding and quoted names are read as the RFC says', async () => {
  const body =
    'preamble\r\n--bound  \r\ncontent-disposition: form-data; name="a\\"b"; filename="x;y.png"; filename*=UTF-8\'\'%C3%A4.png\r\nX-More: 1\r\n\r\nbytes\r\n--bound--\r\nepilogue';
  expect(await read(Buffer.from(body))).toEqual([{ name: 'a"b', fileName: 'ä.png', bytes: 'bytes' }]);
});

test.each([
  ['cut in the part', '--bound\r\nContent-Disposition: form-data; name="a"\r\n\r\nbyt'],
  ['cut in the headers', '--bound\r\nContent-Dispo'],
  ['cut before the closing dashes', '--bound\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--bound'],
  ['without any boundary', 'hello'],
  ['a part without headers', '--bound\r\n\r\nx\r\n--bound--'],
  ['a part without name', '--bound\r\nContent-Disposition: form-data\r\n\r\nx\r\n--bound--'],
  ['a header that is none', '--bound\r\nContent-Disposition: form-data; name="a"\r\nnonsense\r\n\r\nx\r\n--bound--'],
  [
    'a header twice',
    '--bound\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--bound--',
  ],
])('a body %s is malformed', async (_name, body) => {
  await expect(read(Buffer.from(body))).rejects.toMatchObject({ code: 'malformed-multipart' });
});

test('the boundary is a parameter, quoted or not', () => {
  expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc');
  expect(boundaryOf('multipart/form-data; charset=utf-8; BOUNDARY="a b"')).toBe('a b');
  expect(() => boundaryOf('multipart/form-data')).toThrow(expect.objectContaining({ code: 'malformed-multipart' }));
});

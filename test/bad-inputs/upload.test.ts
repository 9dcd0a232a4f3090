import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOcr } from '../../src/services/ocr/ocr.ts';
import { thumbnails } from '../../src/services/thumbnails/thumbnails.ts';
import type { WaitingInput } from '../support/bad-inputs.ts';
import { apngOfFrames, avifOfSize, gifOfFrames, jpegOfSize, pngOfSize, whitePixels } from '../support/claimed-sizes.ts';
import { testService } from '../support/engine.ts';
import { call, exchange, openTestServer, type TestServer } from '../support/http-server.ts';
import { encryptedPdf, manyForms, onePage, stream, writeObjects } from '../support/pdfs.ts';
import { detailed, onePixelPng } from '../support/pictures.ts';
import { eventually } from '../support/program.ts';
import { chunked, cutForm, fieldPart, filePart, form, json, part, raw, to } from '../support/requests.ts';
import { ofCorpus, type Row, storedFiles, type Told, type ToldJob, tryBadInputs } from '../support/try-bad-inputs.ts';

const uploadBytesMax = 2_000_000;

/** No installed service takes a password yet: this one opens PDFs as those will. */
const lockedPdfs = testService('locked-pdfs', 'open-pdf', {
  accepts: ['application/pdf'],
  contract: {
    options: Type.Object({ password: Type.Optional(Type.String({ writeOnly: true })) }, { additionalProperties: false }),
    result: Type.Object({}),
  },
});

const hurriedThumbnails = { ...thumbnails, name: 'hurried-thumbnails', limits: { ...thumbnails.limits, timeMs: 500 } };

/** What drawings are lured to fetch. */
const canary = createServer((_request, response) => response.end());
let callsOfCanary = 0;
canary.on('connection', () => {
  callsOfCanary += 1;
});
await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
const canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/x.png`;

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    services: [thumbnails, hurriedThumbnails, await openOcr('auto'), lockedPdfs],
    settings: { uploadBytesMax },
    executors: 2,
  });
});
afterAll(async () => {
  await server.closeAll();
  canary.close();
});

const [jpeg, png, gif] = await Promise.all([detailed('jpeg'), detailed('png'), detailed('gif')]);
const cut = (whole: Buffer) => whole.subarray(0, whole.length * 0.6);
const large = Buffer.concat([onePixelPng, Buffer.alloc(uploadBytesMax * 0.8)]);
const unknownBytes = Buffer.concat(
  Array.from({ length: 100 }, (_, at) => createHash('sha256').update(`bytes of no meaning ${at}`).digest()),
);
const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const gpsPhoto = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#0a0' } })
  .withMetadata({ orientation: 6 })
  .withExifMerge({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
  .jpeg()
  .toBuffer();

const svg = (body: string, before = '') =>
  raw(
    `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">${body}</svg>`,
  );
const laughs = [
  '<!ENTITY a "lol">',
  ...[...'bcdefghij'].map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`),
];

const brokenChecksum = Buffer.from(png);
brokenChecksum.writeUInt32BE((png.readUInt32BE(png.length - 16) ^ 1) >>> 0, png.length - 16);
const withoutHeader = Buffer.concat([png.subarray(0, 8), png.subarray(33)]);

/** A page, and what is done when the document opens. */
const pdfThatActs = (action: string, others: readonly Buffer[] = [], names = '') =>
  writeObjects([
    `<< /Type /Catalog /Pages 2 0 R /OpenAction ${action} /Names << ${names} >> >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>',
    ...others,
  ]);
const pagesOnly = (pages: string, more: readonly string[] = [], trailer = '') =>
  writeObjects(['<< /Type /Catalog /Pages 2 0 R >>', pages, ...more], trailer);
const manyPages = (count: number) =>
  pagesOnly(`<< /Type /Pages /Kids [${'3 0 R '.repeat(count)}] /Count ${count} >>`, [
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>',
  ]);
const pageOf = (side: number) =>
  pagesOnly('<< /Type /Pages /Kids [3 0 R] /Count 1 >>', [`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${side} ${side}] >>`]);
const hugeMono = (side: number) =>
  onePage(`200 0 0 200 0 0 cm /I Do`, '/XObject << /I 5 0 R >>', [
    stream(
      `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode`,
      whitePixels(side),
    ),
  ]);

const secondPageMissing = writeObjects([
  '<< /Type /Catalog /Pages 2 0 R >>',
  '<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>',
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>',
  stream('', bytesOf('BT /F 20 Tf 20 100 Td (first page) Tj ET')),
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
]);

const named = (name: string) => to('/v1/files', form(filePart(onePixelPng, name)));
const digest = (header: string, value: string) => raw(onePixelPng, { [header]: value });
const otherDigest = Buffer.alloc(32).toString('base64');
const pdf = (body: Buffer, path = '/v1/thumbnails') => raw(body, { 'content-type': 'application/pdf' }, path);
const corpusFile = (path: URL, target?: string) => raw(readFileSync(path), {}, target);

/** The file was told by its bytes. */
const isTaken = (mediaType: string) => async (told: Told) => {
  expect(told.job?.source?.mediaType).toBe(mediaType);
  await isNeverShown(told);
};

/** A browser that follows a link to what was handed in saves it, and runs nothing of it. */
async function isNeverShown({ job }: Told): Promise<void> {
  const { headers } = await call(`${server.url}/v1/files/${job?.source?.file}`);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-disposition': expect.stringMatching(/^attachment/),
    'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox/),
  });
}

async function drawsAlone(told: Told): Promise<void> {
  await isNeverShown(told);
  expect(callsOfCanary).toBe(0);
}

/** Of a name with folders its last part is shown; on the disk it is nowhere. */
const isKeptAs =
  (name: string) =>
  async ({ answer }: Told) => {
    const file = JSON.parse(answer.body);
    expect(file.name).toBe(name);
    expect(file.id).toMatch(/^[0-9a-f-]{36}$/);
    const everything = await readdir(server.folder, { recursive: true });
    expect(everything.filter((path) => /passwd|abs|(^|\/)x$/.test(path))).toEqual([]);
    expect((await call(`${server.url}/v1/files/${file.id}`)).headers['content-disposition']).toBe(
      `attachment; filename="${name}"`,
    );
  };

async function resultOf(job: ToldJob | null) {
  return JSON.parse((await call(`${server.url}/v1/jobs/${job?.id}/result`)).body);
}

/** The thumbnail holds nothing of what the camera wrote. */
async function tellsNoPlace({ job }: Told): Promise<void> {
  const [{ file }] = (await resultOf(job)).thumbnails;
  const response = await fetch(`${server.url}/v1/files/${file}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const { exif, xmp, iptc, orientation } = await sharp(bytes).metadata();
  expect({ exif, xmp, iptc, orientation }).toEqual({ exif: undefined, xmp: undefined, iptc: undefined, orientation: undefined });
  expect(bytes.includes('GPS') || bytes.includes('Exif')).toBe(false);
}

/** 40 x 20 pixels lying on their side stand up. */
async function isUprightAndTellsNoPlace(told: Told): Promise<void> {
  await tellsNoPlace(told);
  expect(await resultOf(told.job)).toMatchObject({ source: { orientation: 6 }, thumbnails: [{ width: 10, height: 20 }] });
}

async function isOnlyAPicture({ job }: Told): Promise<void> {
  expect((await resultOf(job)).thumbnails).toHaveLength(1);
  const everything = await readdir(server.folder, { recursive: true });
  expect(everything.filter((path) => /evil|was-run/.test(path))).toEqual([]);
  expect(existsSync('/tmp/was-run')).toBe(false);
  expect(callsOfCanary).toBe(0);
}

/** The pages that were read before the failure are told with it. */
async function keepsItsFirstPage({ job }: Told): Promise<void> {
  const { result } = JSON.parse((await call(`${server.url}/v1/jobs/${job?.id}`)).body);
  expect(result.pages.map(({ number, text }: { number: number; text: string }) => [number, text])).toEqual([[1, 'first page']]);
}

/** The password is in no line of the log. */
function isUnlogged(): void {
  expect(JSON.stringify([server.lines, server.messages])).not.toContain('hush-hush');
}

const locked = (password?: string) =>
  json(
    {
      source: { base64: encryptedPdf('open sesame').toString('base64') },
      ...(password === undefined ? {} : { options: { password } }),
    },
    '/v1/locked-pdfs',
  );

const rows: Row[] = [
  [1, 'an empty body', raw(''), 422, 'empty-file'],
  [1, 'an empty body to be stored', raw('', {}, '/v1/files'), 422, 'empty-file'],
  [1, 'a part of 0 bytes', form(filePart('')), 422, 'empty-file'],
  [1, 'a part of 0 bytes to be stored', to('/v1/files', form(filePart(''))), 422, 'empty-file'],
  [1, 'base64 of 0 bytes', json({ source: { base64: '' } }), 422, 'empty-file'],
  [
    2,
    'a form without boundary',
    { ...form(filePart(onePixelPng)), headers: { 'content-type': 'multipart/form-data' } },
    400,
    'malformed-multipart',
  ],
  [
    2,
    'a form with an empty boundary',
    { ...form(filePart(onePixelPng)), headers: { 'content-type': 'multipart/form-data; boundary=""' } },
    400,
    'malformed-multipart',
  ],
  [
    2,
    'a form with another boundary',
    { ...form(filePart(onePixelPng)), headers: { 'content-type': 'multipart/form-data; boundary=c' } },
    400,
    'malformed-multipart',
  ],
  [3, 'a form that is cut off', cutForm(filePart(onePixelPng)), 400, 'malformed-multipart'],
  [3, 'a large form that is cut off', cutForm(filePart(large)), 400, 'malformed-multipart'],
  [3, 'a large form to be stored that is cut off', to('/v1/files', cutForm(filePart(large))), 400, 'malformed-multipart'],
  [4, '10,001 fields', form(...Array.from({ length: 10_001 }, (_, n) => fieldPart(`f${n}`, 'x'))), 413, 'too-many-parts'],
  [4, '1,001 files', form(...Array.from({ length: 1_001 }, () => filePart(onePixelPng))), 413, 'too-many-parts'],
  [
    4,
    '1,001 files behind a large one',
    form(filePart(large), ...Array.from({ length: 1_001 }, () => filePart('x'))),
    413,
    'too-many-parts',
  ],
  [
    5,
    'part headers of 64 KB',
    form(part(`Content-Disposition: form-data; name="file"; filename="a"\r\nX: ${'x'.repeat(65_536)}`, onePixelPng)),
    400,
    'malformed-multipart',
  ],
  [6, 'two parts named file', form(filePart(onePixelPng), filePart(onePixelPng)), 422, 'validation-error'],
  [6, 'two large parts named file', form(filePart(large), filePart(large)), 422, 'validation-error'],
  [6, 'no part named file', form(fieldPart('width', '1')), 422, 'validation-error'],
  [7, 'the file name ../../etc/passwd', named('../../etc/passwd'), 201, null, isKeptAs('passwd')],
  [7, 'the file name ..\\x', named('..\\x'), 201, null, isKeptAs('x')],
  [7, 'the file name /abs', named('/abs'), 201, null, isKeptAs('abs')],
  [7, 'the file name C:\\x', named('C:\\x'), 201, null, isKeptAs('x')],
  [
    7,
    'the file name ../../etc/passwd in the query',
    raw(onePixelPng, {}, '/v1/files?name=..%2F..%2Fetc%2Fpasswd'),
    201,
    null,
    isKeptAs('passwd'),
  ],
  [8, 'a file name of 300 characters', named('x'.repeat(300)), 422, 'validation-error'],
  [8, 'a file name with NUL', named('a\0b'), 422, 'validation-error'],
  [8, 'a file name with CRLF', named('a%0D%0Ab'), 422, 'validation-error'],
  [8, 'a file name that runs backwards', named('a\u202egnp.exe'), 422, 'validation-error'],
  [8, 'a file name of dots', named('...'), 422, 'validation-error'],
  [
    8,
    'a file name of 300 characters in JSON',
    json({ source: { base64: onePixelPng.toString('base64'), name: 'x'.repeat(300) } }),
    422,
    'validation-error',
  ],
  [8, 'a file name with CRLF in the query', raw(onePixelPng, {}, '/v1/thumbnails?name=a%0D%0Ab'), 422, 'validation-error'],
  [
    8,
    'a file name of dots in a header',
    raw(onePixelPng, { 'content-disposition': 'attachment; filename=".."' }),
    422,
    'validation-error',
  ],
  [9, 'one byte over the limit', raw(Buffer.alloc(uploadBytesMax + 1)), 413, 'payload-too-large'],
  [9, 'one byte over the limit, to be stored', raw(Buffer.alloc(uploadBytesMax + 1), {}, '/v1/files'), 413, 'payload-too-large'],
  [9, 'JSON of more than 16 MB', json(`{"source":{"base64":"${'A'.repeat(17 * 1024 ** 2)}"}}`), 413, 'payload-too-large'],
  [
    10,
    'a chunked body over the limit',
    chunked(Buffer.concat([onePixelPng, Buffer.alloc(uploadBytesMax)])),
    413,
    'payload-too-large',
  ],
  [
    10,
    'a chunked body over the limit, to be stored',
    chunked(Buffer.alloc(uploadBytesMax + 1), '/v1/files'),
    413,
    'payload-too-large',
  ],
  [
    10,
    'a file over the limit in a chunked form',
    {
      ...form(filePart(Buffer.concat([onePixelPng, Buffer.alloc(uploadBytesMax)]))),
      headers: { ...form().headers, 'transfer-encoding': 'chunked' },
    },
    413,
    'payload-too-large',
  ],
  [
    11,
    'a gzip bomb, 1000:1',
    raw(gzipSync(Buffer.concat([onePixelPng, Buffer.alloc(100_000_000)])), { 'content-encoding': 'gzip' }),
    413,
    'payload-too-large',
  ],
  [
    11,
    'a gzip bomb of JSON',
    json(gzipSync(Buffer.alloc(100_000_000, ' ')), '/v1/thumbnails', { 'content-encoding': 'gzip' }),
    413,
    'payload-too-large',
  ],
  [11, 'bytes that are no gzip', raw(onePixelPng, { 'content-encoding': 'gzip' }), 400, 'bad-request'],
  [11, 'an unknown encoding', raw(onePixelPng, { 'content-encoding': 'br' }), 415, 'unsupported-media-type'],
  [12, 'JPEG bytes declared image/png', raw(jpeg), 202, null, isTaken('image/jpeg')],
  [12, 'JPEG bytes named .png in a form', form(filePart(jpeg, 'a.png')), 202, null, isTaken('image/jpeg')],
  ...Object.entries({
    'an exe': `MZ${'\0'.repeat(58)}\x80\0\0\0${'\0'.repeat(64)}PE\0\0`,
    HTML: '<!doctype html><script>alert(1)</script>',
    'a ZIP': `PK\x03\x04${'\0'.repeat(60)}`,
    JavaScript: 'alert(1);\n'.repeat(10),
  }).map(
    ([what, bytes]): Row => [
      13,
      `${what} declared image/jpeg`,
      raw(bytesOf(bytes), { 'content-type': 'image/jpeg' }),
      415,
      'unsupported-media-type',
    ],
  ),
  [14, 'a GIF that is JavaScript', raw(Buffer.concat([gif, bytesOf('*/=1;alert(1);')])), 202, null, isTaken('image/gif')],
  [
    14,
    'a PDF that is a ZIP',
    pdf(Buffer.concat([pageOf(200), bytesOf(`\nPK\x05\x06${'\0'.repeat(18)}`)])),
    202,
    null,
    isTaken('application/pdf'),
  ],
  [
    15,
    'SVG with a script',
    svg(`<script>fetch("${canaryUrl}")</script><rect width="9" height="9" onload="fetch('${canaryUrl}')"/>`),
    202,
    null,
    drawsAlone,
  ],
  [
    15,
    'SVG with a foreignObject',
    svg(`<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${canaryUrl}"/></foreignObject>`),
    202,
    null,
    drawsAlone,
  ],
  [
    15,
    'SVG with an external picture',
    svg(`<image width="9" height="9" xlink:href="${canaryUrl}" href="${canaryUrl}"/><use href="${canaryUrl}#a"/>`),
    202,
    null,
    drawsAlone,
  ],
  [
    15,
    'SVG with an external style sheet',
    svg(`<style>@import url("${canaryUrl}"); rect { fill: url(${canaryUrl}#a) }</style><rect width="9" height="9"/>`),
    202,
    null,
    drawsAlone,
  ],
  [
    15,
    'SVG with an external entity',
    svg('<text>&x;</text>', `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${canaryUrl}">]>`),
    202,
    'unprocessable-media',
    drawsAlone,
  ],
  [
    15,
    'SVG of a billion laughs',
    svg('<text>&j;</text>', `<?xml version="1.0"?><!DOCTYPE svg [${laughs.join('')}]>`),
    202,
    'unprocessable-media',
    drawsAlone,
  ],
  [16, 'one byte', raw('\xff'), 415, 'unsupported-media-type'],
  [16, 'zeros', raw(Buffer.alloc(1_000)), 415, 'unsupported-media-type'],
  [16, 'bytes without meaning', raw(unknownBytes), 415, 'unsupported-media-type'],
  ...ofCorpus(['images/thumbor_image_invalid.jpg'], (name, path) => [16, name, corpusFile(path), 415, 'unsupported-media-type']),
  [17, 'a JPEG that is cut off', raw(cut(jpeg)), 202, 'unprocessable-media'],
  [17, 'a PNG that is cut off', raw(cut(png)), 202, 'unprocessable-media'],
  [17, 'a GIF that is cut off', raw(cut(gif)), 202, 'unprocessable-media'],
  [17, 'a JPEG that is cut off, leniently', raw(cut(jpeg), {}, '/v1/thumbnails?lenient=true'), 202, null],
  [17, 'a JPEG that is cut off, to be read', raw(cut(jpeg), {}, '/v1/ocr'), 202, 'unprocessable-media'],
  ...ofCorpus(
    [
      'images/sharp_truncated.jpg',
      'images/thumbor_BlueSquare_truncated.jpg',
      'images/pillow_truncated_jpeg.jpg',
      'images/libvips_truncated.gif',
    ],
    (name, path) => [17, name, corpusFile(path), 202, 'unprocessable-media'],
  ),
  [18, 'a PNG of 16384 x 16384', raw(pngOfSize(16_384, 16_384)), 413, 'media-limits-exceeded'],
  [18, 'an AVIF of 17000 x 17000', raw(await avifOfSize(17_000, 17_000)), 413, 'media-limits-exceeded'],
  [18, 'a PNG of 65536 x 65536', raw(pngOfSize(65_536, 65_536)), 413, 'media-limits-exceeded'],
  [18, 'a JPEG of 65500 x 65500', raw(await jpegOfSize(65_500, 65_500)), 413, 'media-limits-exceeded'],
  [18, 'a PNG of 16384 x 16384, to be stored', raw(pngOfSize(16_384, 16_384), {}, '/v1/files'), 413, 'media-limits-exceeded'],
  ...ofCorpus(
    [
      'images/thumbor_16384x16384.png',
      'images/libvips_17000x17000.avif',
      'images/sharp_65536-uint32-limit.png',
      'images/pillow_decompression_bomb.gif',
    ],
    (name, path) => [18, name, corpusFile(path), 413, 'media-limits-exceeded'],
  ),
  [19, 'a PNG of 16383 x 16383', raw(pngOfSize(16_383, 16_383)), 413, 'media-limits-exceeded'],
  [
    19,
    'a PNG of 16383 x 16383 as base64',
    json({ source: { base64: pngOfSize(16_383, 16_383).toString('base64') } }),
    413,
    'media-limits-exceeded',
  ],
  [19, 'a PNG of 16383 x 16383, to be read', raw(pngOfSize(16_383, 16_383), {}, '/v1/ocr'), 413, 'media-limits-exceeded'],
  [20, 'a GIF of 100,000 frames', raw(gifOfFrames(100_000)), 413, 'media-limits-exceeded'],
  [20, 'an APNG that says 100,000 frames and has 1', raw(apngOfFrames(100_000, 1)), 413, 'media-limits-exceeded'],
  [20, 'an APNG that says 1 frame and has 2,000', raw(apngOfFrames(1, 2_000)), 413, 'media-limits-exceeded'],
  [21, 'a PNG with a wrong checksum', raw(brokenChecksum), 202, 'unprocessable-media'],
  [21, 'a PNG without IHDR', raw(withoutHeader), 202, 'unprocessable-media'],
  ...ofCorpus(
    [
      ...['xc9n2c08', 'xcsn0g01', 'xd3n2c08', 'xdtn0g01', 'xlfn0g04', 'xs2n0g01', 'xs7n0g01'].map(
        (name) => `images/pngsuite_${name}.png`,
      ),
      ...['ihdr_missing', 'issue#230.0', 'unexpected_eof'].map((name) => `images/pngextra_x_${name}.png`),
    ],
    (name, path) => [21, name, corpusFile(path), 202, 'unprocessable-media'],
  ),
  [22, 'a photo that tells where it was taken, to be stored', raw(gpsPhoto, {}, '/v1/files'), 201, null],
  [
    22,
    'a photo that tells where it was taken',
    raw(gpsPhoto, {}, '/v1/thumbnails?width=10'),
    202,
    null,
    isUprightAndTellsNoPlace,
  ],
  ...ofCorpus(['images/pillow_exif_gps.jpg'], (name, path) => [22, name, corpusFile(path), 202, null, tellsNoPlace]),
  [23, 'a PDF with a password, none given', pdf(encryptedPdf('open sesame')), 202, 'password-required'],
  [23, 'a PDF with a password, none given, to be read', pdf(encryptedPdf('open sesame'), '/v1/ocr'), 202, 'password-required'],
  [23, 'a PDF with a password, none given where one can be', locked(), 202, 'password-required'],
  ...ofCorpus(['pdf/robust_libreoffice-writer-password.pdf'], (name, path) => [
    23,
    name,
    corpusFile(path),
    202,
    'password-required',
  ]),
  [24, 'a PDF with the wrong password', locked('hush-hush'), 202, 'wrong-password', isUnlogged],
  [24, 'a PDF with the right password', locked('open sesame'), 202, null],
  [
    24,
    'a password where none is taken',
    json({ source: { base64: onePixelPng.toString('base64') }, options: { password: 'hush-hush' } }),
    422,
    'validation-error',
    isUnlogged,
  ],
  [
    25,
    'a PDF with JavaScript',
    pdf(pdfThatActs(`<< /S /JavaScript /JS (app.launchURL\\("${canaryUrl}"\\)) >>`)),
    202,
    null,
    isOnlyAPicture,
  ],
  [
    25,
    'a PDF that launches a program',
    pdf(pdfThatActs('<< /S /Launch /F (/usr/bin/touch) /P (/tmp/was-run) >>')),
    202,
    null,
    isOnlyAPicture,
  ],
  [
    25,
    'a PDF with a file inside',
    pdf(
      pdfThatActs(
        'null',
        [stream('/Type /EmbeddedFile', bytesOf('MZ')), bytesOf('<< /Type /Filespec /F (evil.exe) /EF << /F 4 0 R >> >>')],
        '/EmbeddedFiles << /Names [(evil.exe) 5 0 R] >>',
      ),
    ),
    202,
    null,
    isOnlyAPicture,
  ],
  [
    26,
    'a PDF whose tables of places go round in a circle',
    pdf(bytesOf('%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF')),
    202,
    'unprocessable-media',
  ],
  [
    26,
    'a PDF whose page tree goes round in a circle',
    pdf(pagesOnly('<< /Type /Pages /Kids [2 0 R] /Count 1 >>')),
    202,
    'unprocessable-media',
  ],
  [
    26,
    'a PDF whose page tree goes round in a circle, to be read',
    pdf(pagesOnly('<< /Type /Pages /Kids [2 0 R] /Count 1 >>'), '/v1/ocr'),
    202,
    'unprocessable-media',
  ],
  [
    26,
    'a PDF of which only the beginning is there',
    pdf(bytesOf('%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2')),
    202,
    'unprocessable-media',
  ],
  [
    26,
    'a PDF whose second page is missing, to be read',
    pdf(secondPageMissing, '/v1/ocr?partial=true'),
    202,
    'unprocessable-media',
    keepsItsFirstPage,
  ],
  ...ofCorpus(['pdf/robust_invalid.pdf'], (name, path) => [26, name, corpusFile(path), 202, 'unprocessable-media']),
  // Of these the pages can be found and drawn all the same.
  ...ofCorpus(
    ['Pages-tree-refs', 'poppler-67295-0', 'poppler-85140-0', 'GHOSTSCRIPT-698804-1-fuzzed'].map(
      (name) => `pdf/robust_${name}.pdf`,
    ),
    (name, path) => [26, name, corpusFile(path), 202, null],
  ),
  [27, 'a PDF page of 200 inches, to be read', pdf(pageOf(14_400), '/v1/ocr'), 202, 'media-limits-exceeded'],
  // The engine draws it row by row at the size of the page, within the limits: large scans of one bit are ordinary.
  [27, 'a picture of 784 million pixels on a small PDF page, to be read', pdf(hugeMono(28_000), '/v1/ocr'), 202, null],
  [
    27,
    'a PDF page that takes for ever to draw',
    pdf(manyForms(9), '/v1/hurried-thumbnails?maxAttempts=1'),
    202,
    'time-limit-exceeded',
  ],
  ...ofCorpus(['pdf/robust_enormous.pdf'], (name, path) => [27, name, corpusFile(path, '/v1/ocr'), 202, 'media-limits-exceeded']),
  [28, 'a PDF of 2,001 pages', pdf(manyPages(2_001)), 202, 'media-limits-exceeded'],
  [28, 'a PDF of 2,001 pages, to be read', pdf(manyPages(2_001), '/v1/ocr'), 202, 'media-limits-exceeded'],
  [30, 'another digest', digest('content-digest', `sha-256=:${otherDigest}:`), 422, 'digest-mismatch'],
  [
    30,
    'another digest, to be stored',
    to('/v1/files', digest('content-digest', `sha-256=:${otherDigest}:`)),
    422,
    'digest-mismatch',
  ],
  [30, 'another digest of the representation', digest('repr-digest', `sha-256=:${otherDigest}:`), 422, 'digest-mismatch'],
  [30, 'another digest in the old header', digest('digest', `SHA-256=${otherDigest}`), 422, 'digest-mismatch'],
  [30, 'another digest of a large file', raw(large, { 'content-digest': `sha-256=:${otherDigest}:` }), 422, 'digest-mismatch'],
];

const waiting: WaitingInput[] = [
  { row: 29, input: 'resumable uploads: wrong offset, finished twice, the id of another user', waitsFor: 'tus uploads' },
];

tryBadInputs('upload', () => server, rows, waiting);

const head = (headers: string) =>
  `POST /v1/thumbnails HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n${headers}\r\n\r\n`;

test('row 9: a body that says it is too large is refused before any of it has come', async () => {
  const answer = await exchange(server.port, head(`Content-Length: ${uploadBytesMax + 1}`), (text) => text.includes('}'));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer.toLowerCase()).toContain('connection: close');
  expect(answer).toContain('/problems/payload-too-large');
});

test('row 10: a chunked body without end is cut at the limit, and its bytes are gone from the disk', async () => {
  const before = await storedFiles(server.folder);
  const socket = connect(server.port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => undefined);
  socket.write(head('Transfer-Encoding: chunked'));
  const chunk = Buffer.concat([
    Buffer.from('10000\r\n'),
    onePixelPng,
    Buffer.alloc(65_536 - onePixelPng.length),
    Buffer.from('\r\n'),
  ]);
  const send = () => {
    while (socket.writable && socket.write(chunk));
    socket.once('drain', send);
  };
  send();
  await closed;
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  await eventually('nothing of it is left', async () => (await storedFiles(server.folder)).join() === before.join());
});

test('row 3: a client that goes away in the middle of a large form leaves nothing on the disk', async () => {
  const before = await storedFiles(server.folder);
  const { headers, body = '' } = cutForm(filePart(large));
  const socket = connect(server.port, '127.0.0.1');
  socket.write(head(`Content-Length: ${uploadBytesMax}`).replace('image/png', String(headers?.['content-type'])));
  socket.write(body);
  await eventually('a part of it lies on the disk', async () => (await storedFiles(server.folder)).length > before.length);
  socket.destroy();
  await eventually('nothing of it is left', async () => (await storedFiles(server.folder)).join() === before.join());
});

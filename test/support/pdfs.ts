/** PDFs for tests: ordinary ones by pdf-lib, and ones that no library writes, object by object. */
import { createHash } from 'node:crypto';
import { degrees, PDFDocument, rgb, StandardFonts } from 'pdf-lib';

export interface PageWish {
  readonly width?: number;
  readonly height?: number;
  readonly rotation?: 0 | 90 | 180 | 270;
  /** x, y, width and height in coordinates of the PDF. */
  readonly crop?: readonly [number, number, number, number];
  /** 20 points high; x and y in coordinates of the PDF. */
  readonly texts?: readonly { text: string; x: number; y: number }[];
}

/** Pages with a red square of 40 points at (100, 100), in coordinates of the PDF, on each. */
export async function makePdf(pages: readonly PageWish[] = [{}]): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const { width = 300, height = 400, rotation = 0, crop, texts = [] } of pages) {
    const page = pdf.addPage([width, height]);
    page.setRotation(degrees(rotation));
    if (crop !== undefined) page.setCropBox(...crop);
    page.drawRectangle({ x: 100, y: 100, width: 40, height: 40, color: rgb(1, 0, 0) });
    for (const { text, x, y } of texts) page.drawText(text, { x, y, size: 20, font });
  }
  return Buffer.from(await pdf.save());
}

/** A page with a text field that is filled in, 100 points wide from (50, 50). */
export async function makeForm(): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const page = pdf.addPage([200, 200]);
  const field = pdf.getForm().createTextField('name');
  field.setText('MMMM');
  field.addToPage(page, { x: 50, y: 50, width: 100, height: 40, backgroundColor: rgb(0, 0, 1) });
  return Buffer.from(await pdf.save());
}

/** The objects as they are spelled, numbered from 1; the first is the catalog. */
export function writeObjects(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let length = 9;
  const put = (bytes: Buffer) => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const [at, object] of objects.entries()) {
    offsets.push(length);
    put(Buffer.concat([Buffer.from(`${at + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]));
  }
  const start = length;
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  put(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`));
  put(Buffer.from(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF`));
  return Buffer.concat(parts);
}

/** A page of 200x200 points; further objects begin with number 5. */
export function onePage(content: string, resources = '', others: readonly (string | Buffer)[] = []): Buffer {
  return writeObjects([...catalogOf(resources), stream('', Buffer.from(content)), ...others]);
}

function catalogOf(resources: string): string[] {
  const page = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << ${resources} >> >>`;
  return ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', page];
}

export function stream(entries: string, bytes: Buffer): Buffer {
  const start = Buffer.from(`<< ${entries} /Length ${bytes.length} >>\nstream\n`);
  return Buffer.concat([start, bytes, Buffer.from('\nendstream')]);
}

/** A page whose forms are drawn ten times each by the one before, some levels deep: a few kilobytes that become 10^levels. */
export function manyForms(levels: number): Buffer {
  const form = (entries: string, content: string) =>
    stream(`/Type /XObject /Subtype /Form /BBox [0 0 200 200] ${entries}`, Buffer.from(content));
  const names = (at: number) => `/XObject << /F ${at} 0 R >>`;
  const forms = Array.from({ length: levels }, (_, at) => form(`/Resources << ${names(6 + at)} >>`, '/F Do '.repeat(10)));
  return onePage('/F Do', names(5), [...forms, form('', '0 0 9 9 re f')]);
}

/** A page that says "secret", encrypted with RC4 of 40 bits (ISO 32000-1, 7.6, revision 2). */
export function encryptedPdf(password: string): Buffer {
  const id = Buffer.alloc(16, 7);
  const permissions = Buffer.from([0xfc, 0xff, 0xff, 0xff]);
  const padded = pad(password);
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const key = md5(padded, owner, permissions, id).subarray(0, 5);
  const objectKey = md5(key, Buffer.from([4, 0, 0, 0, 0])).subarray(0, 10);
  const content = rc4(objectKey, Buffer.from('BT /F 20 Tf 20 100 Td (secret) Tj ET'));
  const user = rc4(key, padding);
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
  const encryption = `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${owner.toString('hex')}> /U <${user.toString('hex')}> >>`;
  const objects = [...catalogOf('/Font << /F 5 0 R >>'), stream('', content), font, encryption];
  return writeObjects(objects, `/Encrypt 6 0 R /ID [<${id.toString('hex')}> <${id.toString('hex')}>]`);
}

/** Encrypted with a password of version 4, its streams with RC4 of 128 bits and its strings not at all. */
export function plainStringsPdf(password: string): Buffer {
  const id = Buffer.alloc(16, 7);
  const again = (hash: Buffer) => Array.from({ length: 50 }).reduce<Buffer>((before) => md5(before), hash);
  const turns = (key: Buffer, bytes: Buffer) =>
    Array.from({ length: 20 }, (_, turn) => turn).reduce(
      (before, turn) => rc4(Buffer.from(key.map((byte) => byte ^ turn)), before),
      bytes,
    );
  const padded = pad(password);
  const owner = turns(again(md5(padded)), padded);
  const key = again(md5(padded, owner, Buffer.from([0xfc, 0xff, 0xff, 0xff]), id));
  const user = Buffer.concat([turns(key, md5(padding, id)), Buffer.alloc(16)]);
  const content = rc4(md5(key, Buffer.from([4, 0, 0, 0, 0])), Buffer.from('BT /F 20 Tf 20 100 Td (secret) Tj ET'));
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
  const filters = '/CF << /StdCF << /CFM /V2 /Length 16 >> >> /StmF /StdCF /StrF /Identity /Length 128';
  const encryption = `<< /Filter /Standard /V 4 /R 4 /P -4 ${filters} /O <${owner.toString('hex')}> /U <${user.toString('hex')}> >>`;
  const objects = [...catalogOf('/Font << /F 5 0 R >>'), stream('', content), font, encryption];
  return writeObjects(objects, `/Encrypt 6 0 R /ID [<${id.toString('hex')}> <${id.toString('hex')}>]`);
}

const padding = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

function pad(password: string): Buffer {
  return Buffer.concat([Buffer.from(password, 'latin1'), padding]).subarray(0, 32);
}

function md5(...parts: Buffer[]): Buffer {
  return createHash('md5').update(Buffer.concat(parts)).digest();
}

function rc4(key: Buffer, bytes: Buffer): Buffer {
  const state = Array.from({ length: 256 }, (_, at) => at);
  const swap = (a: number, b: number) => {
    [state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return bytes.map((byte) => {
    i = (i + 1) & 255;
    j = (j + (state[i] ?? 0)) & 255;
    swap(i, j);
    return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
  }) as Buffer;
}

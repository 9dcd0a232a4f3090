import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawnText } from '../../../test/support/letters.ts';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { type Program, startProgram, temporaryFolder } from '../../../test/support/program.ts';
import { sandboxesHere } from '../../../test/support/test-pool.ts';

const engines = await ocrEnginesHere();
const kinds = (await sandboxesHere()).flatMap((sandbox) => engines.map(({ kind }) => ({ sandbox, kind })));
const note = await sharp(drawnText(['A SMALL NOTE']))
  .png()
  .toBuffer();

describe.each(kinds)('a server with the engine $kind in the sandbox $sandbox', ({ sandbox, kind }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: Program;
  beforeAll(async () => {
    folder = await temporaryFolder();
    program = await startProgram(folder.path, ['--workers', '1', '--sandbox', sandbox, '--ocr-engine', kind]);
  });
  afterAll(async () => {
    await program.end('SIGTERM');
    await folder.remove();
  });

  async function post(query: string, body: Uint8Array) {
    const headers = { 'content-type': 'image/png', prefer: 'wait=30' };
    const response = await fetch(`${program.url}/v1/ocr${query}`, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  test('reads a picture', async () => {
    const { status, body } = await post('', note);
    expect([status, body.state, body.error]).toEqual([200, 'succeeded', null]);
    expect(body.result.text).toBe('A SMALL NOTE');
  });

  test('makes a searchable PDF', async () => {
    const { body } = await post('?outputs=pdf', note);
    const response = await fetch(`${program.url}/v1/files/${body.result.files[0].file}`);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect((await response.text()).startsWith('%PDF-')).toBe(true);
  });

  test('tells which languages it has, and refuses others', async () => {
    const services = JSON.parse(await (await fetch(`${program.url}/v1/services`)).text());
    const found = engines.find((engine) => engine.kind === kind);
    const ocr = services.items.find((service: { name: string }) => service.name === 'ocr');
    const name = kind === 'program' ? 'tesseract' : 'tesseract.js';
    expect(ocr).toMatchObject({ engine: { name, version: found?.version }, languages: found?.languages });
    const { status, body } = await post('?language=eng,tlh', note);
    expect([status, body.type]).toEqual([422, '/problems/validation-error']);
    expect(body.errors).toEqual([{ pointer: '#/options/language/1', detail: expect.stringContaining('install') }]);
  });
});

test('a partial result stands in the failed job', async () => {
  const folder = await temporaryFolder();
  const program = await startProgram(folder.path, ['--workers', '1']);
  const { tiffOf } = await import('../../../test/support/tiff.ts');
  const tiff = await tiffOf([note, note]);
  const headers = { 'content-type': 'image/tiff', prefer: 'wait=30' };
  const body = new Uint8Array(tiff.subarray(0, tiff.length - 300));
  const response = await fetch(`${program.url}/v1/ocr?partial=true`, { method: 'POST', headers, body });
  const job = JSON.parse(await response.text());
  expect(job).toMatchObject({ state: 'failed', error: { type: '/problems/unprocessable-media' } });
  const seen = JSON.parse(await (await fetch(`${program.url}/v1/jobs/${job.id}`)).text());
  for (const each of [job, seen]) expect(each.result).toMatchObject({ pages: [{ number: 1, text: 'A SMALL NOTE' }] });
  await program.end('SIGTERM');
  await folder.remove();
});

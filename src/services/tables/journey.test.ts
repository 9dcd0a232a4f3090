import { afterAll, beforeAll, expect, test } from 'vitest';
import { encryptedPdf } from '../../../test/support/pdfs.ts';
import { type Program, startProgram, temporaryFolder } from '../../../test/support/program.ts';
import { harbour } from '../../../test/support/tables-task.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let program: Program;
beforeAll(async () => {
  folder = await temporaryFolder();
  program = await startProgram(folder.path, ['--workers', '1']);
});
afterAll(async () => {
  await program.end('SIGTERM');
  await folder.remove();
});

async function post(query: string, body: Uint8Array) {
  const headers = { 'content-type': 'application/pdf', prefer: 'wait=30' };
  const response = await fetch(`${program.url}/v1/tables${query}`, { method: 'POST', headers, body: new Uint8Array(body) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test('a server finds the tables of a PDF and keeps their files', async () => {
  const { status, body } = await post('?outputs=json,csv,xlsx,html,xml&box=0,0,595,320', await harbour());
  expect([status, body.state, body.error]).toEqual([200, 'succeeded', null]);
  expect(body.result.tables).toMatchObject([{ page: 1, method: 'lattice', headerRows: 2 }]);
  const types = body.result.files.map(({ output }: { output: string }) => output);
  expect(types).toEqual(['csv', 'xlsx', 'html', 'xml']);
  const csv = await fetch(`${program.url}/v1/files/${body.result.files[0].file}`);
  expect(await csv.text()).toContain('Three Brothers,210,505,139.00\r\n');
  const sheet = await fetch(`${program.url}/v1/files/${body.result.files[1].file}`);
  expect(sheet.headers.get('content-type')).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
});

test('an encrypted PDF wants its password, which no answer shows', async () => {
  const encrypted = encryptedPdf('open sesame');
  expect((await post('', encrypted)).body).toMatchObject({ state: 'failed', error: { type: '/problems/password-required' } });
  expect((await post('?password=wrong', encrypted)).body.error.type).toBe('/problems/wrong-password');
  const { body } = await post('?password=open%20sesame', encrypted);
  expect(body).toMatchObject({ state: 'succeeded', result: { tables: [] } });
  const seen = await (await fetch(`${program.url}/v1/jobs/${body.id}`)).text();
  expect(seen).not.toContain('sesame');
});

test('an empty box and pages that run backwards are refused', async () => {
  const sample = await harbour();
  const box = await post('?box=10,10,0,10', sample);
  expect([box.status, box.body.errors?.[0]?.pointer]).toEqual([422, '#/options/box']);
  const pages = await post('?pages=3-1', sample);
  expect([pages.status, pages.body.errors?.[0]?.pointer]).toEqual([422, '#/options/pages']);
});

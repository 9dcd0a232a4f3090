import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOrigin } from '../support/origin.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, startProgram, temporaryFolder } from '../support/program.ts';

test('a server that is killed while it fetches a link fetches it anew when it comes back, and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  let whole = false;
  const origin = await openOrigin((_request, response) => {
    response.writeHead(200, { 'content-length': onePixelPng.length });
    response.write(onePixelPng.subarray(0, 40));
    if (whole) response.end(onePixelPng.subarray(40));
  });
  const flags = ['--workers', '1', '--allow-source', `127.0.0.1:${origin.port}`];
  let server = await startProgram(folder.path, flags);
  try {
    const submitted = await fetch(`${server.url}/v1/thumbnails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: { url: `http://127.0.0.1:${origin.port}/a.png` } }),
    });
    expect(submitted.status).toBe(202);
    const { id } = (await submitted.json()) as { id: string };
    await eventually('it fetches', () => origin.open === 1);
    await server.end('SIGKILL');
    await eventually('its connection is gone', () => origin.open === 0);

    whole = true;
    server = await startProgram(folder.path, flags);
    const read = async () => (await fetch(`${server.url}/v1/jobs/${id}?wait=10s`)).json();
    await eventually('it is done', async () => ((await read()) as { state: string }).state === 'succeeded', 30_000);
    expect(await read()).toMatchObject({ state: 'succeeded', attempt: 1, source: { bytes: onePixelPng.length } });
    expect(origin.open).toBe(0);
    expect(await readdir(join(folder.path, 'blobs', 'uploads'))).toEqual([]);
  } finally {
    await server.end('SIGKILL');
    await origin.close();
    await folder.remove();
  }
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [thumbnails] });
});
afterAll(() => server.closeAll());

test('a picture handed in as its bytes ends as thumbnails behind the 303 of the monitor', async () => {
  const accepted = await call(`${server.url}/v1/thumbnails?width=10`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: onePixelPng,
  });
  console.log(accepted);
  expect(accepted.status).toBe(202);
  const job = JSON.parse(accepted.body);
  const done = await call(`${server.url}/v1/jobs/${job.id}?wait=10s`);
  console.log(done);
  const monitor = await call(`${server.url}/v1/queue/${job.id}`);
  console.log(monitor);
  const result = await call(`${server.url}/v1/jobs/${job.id}/result`);
  console.log(result.body);
  console.log((await call(`${server.url}/v1/jobs/${job.id}/events`)).body);
  console.log((await call(`${server.url}/v1/jobs/${job.id}/events`, { headers: { accept: 'text/event-stream' } })).body);
  console.log((await call(`${server.url}/docs/`)).headers, (await call(`${server.url}/openapi.json`)).body.length);
  console.log(server.lines);
});

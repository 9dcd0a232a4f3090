/** The resident size of the server during an upload of 2 GB, and while 100,000 jobs wait. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { api } from '../support/api.mjs';
import { startServer } from '../support/children.mjs';
import { boundFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';
import { residentBytes, watchResident } from '../support/resident.mjs';

const megabyte = 1024 ** 2;
const belowMegabytes = 250;
const connections = 16;

export async function measure({ folder, using, quick }) {
  const picture = (await countedPicture()).bytes;
  return [
    await duringUpload(await using(startServer(await folder())), picture, quick ? 50_000_000 : 2_000_000_000),
    await withWaitingJobs(await using(startServer(await folder(), ['--workers', '0'])), picture, quick ? 1_000 : 100_000, using),
  ];
}

/** A valid picture with zeros behind it, as one stream of a known length. */
function* padded(picture, bytes) {
  yield picture;
  const zeros = Buffer.alloc(64 * 1024);
  for (let left = bytes - picture.length; left > 0; left -= zeros.length)
    yield left < zeros.length ? zeros.subarray(0, left) : zeros;
}

async function duringUpload(server, picture, bytes) {
  const idle = residentBytes(server.pid);
  const watch = watchResident(server.pid);
  const upload = httpRequest(`${server.url}/v1/files`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', 'content-length': bytes },
  });
  const answered = once(upload, 'response');
  await Promise.all([pipeline(Readable.from(padded(picture, bytes)), upload), answered]);
  const [response] = await answered;
  const peak = watch.stop();
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const stored = response.statusCode === 201 ? JSON.parse(text).bytes : null;
  if (stored !== bytes) throw new Error(`the upload was answered ${response.statusCode} ${text}`);
  return figure(`memory during an upload of ${(bytes / 1e9).toPrecision(2)} GB`, idle, peak);
}

async function withWaitingJobs(server, picture, count, using) {
  const idle = residentBytes(server.pid);
  const load = await using(startLoad());
  const file = await api(server.url).postBytes('/v1/files', 'image/jpeg', picture);
  const watch = watchResident(server.pid);
  const body = JSON.stringify({ source: { file: file.id }, fresh: true });
  const post = request('POST', '/v1/thumbnails', { mediaType: 'application/json', body, status: 202 });
  await load.run({ url: server.url, connections, count, request: post });
  const { queued } = await api(server.url).counts('thumbnails');
  if (queued !== count) throw new Error(`${queued} of ${count} jobs wait`);
  return figure(`memory with ${count.toLocaleString('en')} jobs waiting`, idle, watch.stop());
}

function figure(what, idle, peak) {
  const note = `${Math.round(idle / megabyte)} MB idle`;
  return boundFigure({ what, unit: 'MB', ours: peak / megabyte, below: belowMegabytes, note });
}

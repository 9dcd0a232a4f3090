import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import { listCursor, listPosition } from '../../http/cursor.ts';
import type { DropInAnswer, DropInRequest } from '../../http/drop-in.ts';
import { jsonBody } from '../json-body.ts';
import { imageLabels, imageState } from './image-state.ts';

/** The list that Thumbnailify planned and never had: the caller's pictures, newest first, each as `GET /images/<id>` shows it. */
export async function listImages(engine: Engine, { caller, query }: DropInRequest): Promise<DropInAnswer> {
  const limit = readLimit(query.limit);
  const mark = { caller, labels: imageLabels };
  const before = query.cursor === undefined ? undefined : listPosition(String(query.cursor), mark);
  // One more than asked for tells whether there is another page.
  const jobs = await engine.list({ caller, labels: imageLabels }, limit + 1, before);
  const page = jobs.slice(0, limit);
  const last = page.at(-1);
  const next = jobs.length > limit && last !== undefined ? `/images?limit=${limit}&cursor=${listCursor(last.id, mark)}` : null;
  const { headers, body } = jsonBody({ images: page.map((job) => imageState(job).body), next });
  return { status: 200, headers: { ...headers, ...(next !== null && { link: `<${next}>; rel="next"` }) }, body };
}

function readLimit(text: string | readonly string[] | undefined): number {
  if (text === undefined) return limits.pageDefault;
  const limit = /^\d{1,6}$/.test(String(text)) ? Number(text) : 0;
  if (limit >= 1 && limit <= limits.pageMax) return limit;
  throw new ServiceError('bad-request', `limit must be a whole number from 1 to ${limits.pageMax}`);
}

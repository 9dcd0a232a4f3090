/** sharp and nothing else: makes the thumbnails of its share of a folder of pictures, `inFlight` at a time. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { answering, childOptions } from '../support/answering.mjs';

const { folder, share, shares, inFlight } = childOptions();
sharp.concurrency(1);
sharp.cache(false);
const names = (await readdir(folder)).sort().filter((_, at) => at % shares === share);

const thumbnail = (path) => sharp(path).autoOrient().resize(100, 100, { fit: 'cover' }).jpeg().toBuffer();

/** Milliseconds for the whole share. */
async function makeAll() {
  const begin = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < names.length) await thumbnail(join(folder, names[next++]));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return performance.now() - begin;
}

answering({}, makeAll);

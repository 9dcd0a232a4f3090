/** onnxruntime and sharp and nothing else: asks a model about its share of a folder of JPEGs, prepared as the model wants them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { answering, childOptions } from '../support/answering.mjs';

const { folder, share, shares, inFlight, model, description } = childOptions();
const { width, height, mean, scale, fit, crop } = description.input;
sharp.concurrency(1);
sharp.cache(false);
const paths = (await readdir(folder)).sort().filter((_, at) => at % shares === share);
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });

function pixels(path) {
  const [across, down] = [width, height].map((side) => Math.round(side / crop));
  const resized = sharp(path)
    .autoOrient()
    .resize(across, down, { fit: fit === 'crop' ? 'outside' : 'fill', kernel: 'linear' });
  return resized.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
}

async function classify(path) {
  const { data, info } = await pixels(path);
  const [left, top] = [(info.width - width) >> 1, (info.height - height) >> 1];
  const values = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const [less, by] = [mean[channel], 1 / scale[channel]];
    for (let y = 0, to = channel * width * height; y < height; y++) {
      for (let x = 0, from = ((y + top) * info.width + left) * 3 + channel; x < width; x++, from += 3)
        values[to++] = (data[from] - less) * by;
    }
  }
  const outputs = await session.run({ [session.inputNames[0]]: new Tensor('float32', values, [1, 3, height, width]) });
  const scores = outputs[session.outputNames[0]].data;
  return scores.indexOf(Math.max(...scores));
}

/** Milliseconds for the whole share. */
async function classifyAll() {
  const begin = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < paths.length) await classify(join(folder, paths[next++]));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return performance.now() - begin;
}

answering({}, classifyAll);

import { type OnnxModel, type TensorShape, unusable } from '../../media/onnx.ts';
import type { PictureInput } from './model-description.ts';

/** A model of a fixed number of pictures is asked about one, with nothing in the other places. */
const batchMax = 64;

/** What a model says to one picture: a number for each label. Throws `model-unusable` where that is not what it gives. */
export async function askModel(
  onnx: OnnxModel,
  input: PictureInput,
  labels: number,
  values: Float32Array,
): Promise<Float32Array> {
  const batch = onnx.input[0] ?? 1;
  const shape = [batch, ...pictureShape(input)];
  refuseOtherShapes(onnx.input, shape);
  const output = await onnx.run(batch === 1 ? values : inBatch(values, batch), shape);
  if (output.length !== batch * labels)
    throw unusable(
      `It gives ${output.length} numbers for ${batch === 1 ? 'a picture' : `${batch} pictures`}, and has ${labels} labels.`,
    );
  const scores = output.subarray(0, labels);
  if (!scores.every(Number.isFinite))
    throw unusable('It gives something else than numbers: it is damaged, or prepared for wrongly.');
  return scores;
}

function pictureShape({ layout, width, height, mean }: PictureInput): number[] {
  return layout === 'NCHW' ? [mean.length, height, width] : [height, width, mean.length];
}

function refuseOtherShapes(taken: TensorShape, shape: readonly number[]): void {
  const fits = taken.length === shape.length && taken.every((size, at) => size === null || size === shape[at]);
  const [batch = 1] = shape;
  if (fits && batch <= batchMax) return;
  const told = taken.map((size) => size ?? 'any').join('x');
  throw unusable(`It takes ${told}, and its description says ${shape.join('x')}.`);
}

function inBatch(values: Float32Array, batch: number): Float32Array {
  const all = new Float32Array(values.length * batch);
  all.set(values);
  return all;
}

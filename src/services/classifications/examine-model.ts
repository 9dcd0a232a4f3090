import { type OnnxModel, unusable } from '../../media/onnx.ts';
import { askModel } from './ask-model.ts';
import type { ModelDescription, PictureInput } from './model-description.ts';

/** What a model itself tells of how it wants to be asked. */
export interface ExaminedModel extends Pick<PictureInput, 'width' | 'height' | 'layout'> {
  readonly channels: number;
  /** How many numbers it gives for a picture. */
  readonly labels: number;
  readonly output: ModelDescription['output'];
}

/** Where a model takes pictures of any size. */
const usualSide = 224;

/** Reads the shape of the input and tries the model. Throws `model-unusable` where it does not take pictures or does not run. */
export async function examineModel(onnx: OnnxModel): Promise<ExaminedModel> {
  const placed = pictureOf(onnx);
  const { channels, ...input } = placed;
  const plain: PictureInput = { ...input, mean: Array(channels).fill(0), scale: Array(channels).fill(1), fit: 'crop', crop: 1 };
  const values = (fill: (at: number) => number) =>
    Float32Array.from({ length: channels * input.width * input.height }, (_, at) => fill(at));
  const blank = values(() => 0);
  const shape = input.layout === 'NCHW' ? [channels, input.height, input.width] : [input.height, input.width, channels];
  const batch = onnx.input[0] ?? 1;
  const whole = new Float32Array(blank.length * batch);
  const labels = (await onnx.run(whole, [batch, ...shape])).length / batch;
  if (!Number.isInteger(labels) || labels < 2) throw unusable(`It gives ${labels} numbers for a picture: that is no classifier.`);
  const told = [
    await askModel(onnx, plain, labels, blank),
    await askModel(
      onnx,
      plain,
      labels,
      values((at) => Math.sin(at / 7)),
    ),
  ];
  return { ...placed, labels, output: told.every(isSoftMax) ? 'softmax' : 'logits' };
}

function pictureOf({ input }: OnnxModel): Pick<ExaminedModel, 'width' | 'height' | 'layout' | 'channels'> {
  const [, second = null, third = null, fourth = null] = input;
  if (input.length === 4 && isChannels(second))
    return { layout: 'NCHW', channels: second, height: third ?? usualSide, width: fourth ?? usualSide };
  if (input.length === 4 && isChannels(fourth))
    return { layout: 'NHWC', channels: fourth, height: second ?? usualSide, width: third ?? usualSide };
  throw unusable(`It takes ${input.map((size) => size ?? 'any').join('x')}: that is no picture of 1 or 3 channels.`);
}

function isChannels(size: number | null): size is 1 | 3 {
  return size === 1 || size === 3;
}

function isSoftMax(scores: Float32Array): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return Math.abs(sum - 1) < 0.01 && scores.every((score) => score >= 0 && score <= 1.001);
}

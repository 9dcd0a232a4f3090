import type { PictureInput } from './model-description.ts';

/** The ways in which models want their pictures, by the names that the command line takes. */
export const preprocessings = {
  /** Torchvision and the ONNX Model Zoo: the middle 224 of 256, mean and deviation of ImageNet. */
  imagenet: {
    mean: [123.675, 116.28, 103.53],
    scale: [58.395, 57.12, 57.375],
    fit: 'crop',
    crop: 0.875,
  },
  efficientnet: { mean: [127, 127, 127], scale: [128, 128, 128], fit: 'crop', crop: 0.875 },
  /** -1 to 1, as Inception and the MobileNets of TensorFlow want them. */
  symmetric: { mean: [127.5, 127.5, 127.5], scale: [127.5, 127.5, 127.5], fit: 'crop', crop: 0.875 },
  /** 0 to 1. */
  unit: { mean: [0, 0, 0], scale: [255, 255, 255], fit: 'crop', crop: 0.875 },
  /** 0 to 255. */
  raw: { mean: [0, 0, 0], scale: [1, 1, 1], fit: 'crop', crop: 0.875 },
} as const satisfies Record<string, Pick<PictureInput, 'fit' | 'crop'> & { mean: readonly number[]; scale: readonly number[] }>;

export type Preprocessing = keyof typeof preprocessings;

export function isPreprocessing(name: string): name is Preprocessing {
  return Object.hasOwn(preprocessings, name);
}

/** The description of an input of this size and number of channels; of one channel the mean of the three is taken. */
export function pictureInput(
  { width, height, layout, channels }: Pick<PictureInput, 'width' | 'height' | 'layout'> & { readonly channels: number },
  name: Preprocessing,
): PictureInput {
  const { mean, scale, fit, crop } = preprocessings[name];
  const forChannels = (values: readonly number[]) =>
    channels === 1 ? [values.reduce((sum, value) => sum + value, 0) / values.length] : [...values];
  return { width, height, layout, mean: forChannels(mean), scale: forChannels(scale), fit, crop };
}

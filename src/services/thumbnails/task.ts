import { parse } from 'node:path';
import { type ErrorCode, ServiceError } from '../../core/errors.ts';
import { type Picture, shrink } from '../../media/sharp.ts';
import type { Task, TaskContext, TaskInput } from '../../ports/service.ts';
import type { NormalOptions, Result } from './contract.ts';
import { type Drawn, draw, drawFrames, type Order, type Target } from './draw.ts';
import { keepsFrames, outputFormat, outputFormats } from './formats.ts';
import { openSource, type Source } from './open-source.ts';
import { baseSize, type Placement, place, refuseHugeAnimation } from './placement.ts';

/** Makes the thumbnails of one picture, or of a page of a PDF. What is wrong with it is told as `rejected`; anything else is a fault of ours. */
export const task: Task = async (context) => {
  // Checked against the contract and normalized when the job came in.
  const options = context.options as NormalOptions;
  if (context.input === null) throw new Error('thumbnails was given no picture');
  try {
    return { kind: 'done', result: await makeThumbnails(context, context.input, options) };
  } catch (error) {
    if (!(error instanceof ServiceError) || !rejecting.has(error.code)) throw error;
    const isPicture = context.input.mediaType !== 'application/pdf';
    const isMendable = error.code === 'unprocessable-media' && isPicture && !options.lenient;
    const hint = isMendable ? ' With `lenient` what can be decoded is taken.' : '';
    return { kind: 'rejected', code: error.code, detail: error.message + hint };
  }
};

const rejecting: ReadonlySet<ErrorCode> = new Set([
  'unprocessable-media',
  'media-limits-exceeded',
  'unsupported-media-type',
  'password-required',
  'validation-error',
]);

async function makeThumbnails(context: TaskContext, input: TaskInput, options: NormalOptions): Promise<Result> {
  const source = await openSource(input, options);
  try {
    return await drawSource(context, input, options, source);
  } finally {
    source.close();
  }
}

async function drawSource(
  context: TaskContext,
  input: TaskInput,
  options: NormalOptions,
  { picture, told }: Source,
): Promise<Result> {
  const format = outputFormat(options.format, picture.facts);
  const { mediaType, extension } = outputFormats[format];
  const placed = options.sizes.map((size) => ({ fit: size.fit, placement: place(size, picture.facts) }));
  const orders = placed.map(({ fit, placement }, number) => {
    const name = outputName(input.name, placement, extension);
    const target: Target = {
      file: () => context.output(name, mediaType),
      bytes: (bytes) => context.outputBytes(name, mediaType, bytes),
    };
    return { number, fit, placement, format, quality: options.quality, target };
  });
  const keeping = keepsFrames(options.animated, format, picture.facts);
  const drawn = await (keeping ? drawAnimations(context, picture, orders) : drawStills(context, picture, orders));
  return {
    source: told,
    thumbnails: drawn
      .toSorted((a, b) => a.order.number - b.order.number)
      .map(({ order, ...made }) => ({
        width: order.placement.width,
        height: order.placement.height,
        mediaType,
        ...made,
      })),
  };
}

/** `number` is its place among the sizes asked for. */
type Numbered = Order & { readonly number: number };
type Finished = Drawn & { readonly order: Numbered };

/**
 * Decodes once, as large as the largest thumbnail needs it, and draws from the largest down; what is less than half as large
 * is drawn from pixels that are made as small for it.
 */
async function drawStills(context: TaskContext, picture: Picture, orders: readonly Numbered[]): Promise<Finished[]> {
  const base = baseSize(
    orders.map(({ placement }) => placement),
    picture.facts,
  );
  let pixels = await picture.decode(base.width, base.height);
  const drawn: Finished[] = [];
  for (const order of orders.toSorted((a, b) => b.placement.scaledWidth - a.placement.scaledWidth)) {
    context.signal.throwIfAborted();
    const { scaledWidth, scaledHeight } = order.placement;
    const isTiny = scaledWidth * 2 <= pixels.width && scaledHeight * 2 <= pixels.height;
    if (isTiny) pixels = await shrink(pixels, scaledWidth, scaledHeight);
    drawn.push({ order, ...(await draw(pixels, order)) });
    context.progress(drawn.length / orders.length);
  }
  return drawn;
}

async function drawAnimations(context: TaskContext, picture: Picture, orders: readonly Numbered[]): Promise<Finished[]> {
  for (const { placement } of orders) refuseHugeAnimation(placement, picture.facts.frames);
  const drawn: Finished[] = [];
  for (const order of orders) {
    context.signal.throwIfAborted();
    drawn.push({ order, ...(await drawFrames(picture, order)) });
    context.progress(drawn.length / orders.length);
  }
  return drawn;
}

/** `photo.png` gives `photo-100x100.jpg`. */
function outputName(name: string | null, { width, height }: Placement, extension: string): string {
  const stem = name === null ? '' : parse(name).name;
  return `${stem || 'thumbnail'}-${width}x${height}.${extension}`;
}

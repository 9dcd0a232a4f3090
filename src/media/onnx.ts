import type { InferenceSession } from 'onnxruntime-node';
import { ServiceError } from '../core/errors.ts';
import { messageOf } from '../core/message-of.ts';

// Runs ONNX models on the processor. Only for executors: a model is a program of somebody else, read by native code.

/** A model that takes one tensor of 32 bit floats and gives (first) another one. */
export interface OnnxModel {
  readonly input: TensorShape;
  /** One run; the values stand in the order of `shape`. Gives those of the first output. */
  run(values: Float32Array, shape: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Sizes by place; null where any size is taken. */
export type TensorShape = readonly (number | null)[];

/** What a decoder says is shown to the caller, so it is kept short. */
const sentenceCharsMax = 200;

/** Opens a model from its bytes. Throws `model-unusable` where they are none, or one with other inputs and outputs. */
export async function openOnnx(bytes: Uint8Array): Promise<OnnxModel> {
  refuseOtherFiles(bytes);
  const { InferenceSession: Sessions, Tensor } = await loadRuntime();
  const session = await Sessions.create(bytes, sessionOptions).catch((error: unknown) => {
    throw unusable(`The runtime does not load it: ${sentence(error)}.`, error);
  });
  const { input, output } = await checkedSlots(session);
  return {
    input: input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : null)),
    async run(values, shape) {
      const outputs = await session
        .run({ [input.name]: new Tensor('float32', values, shape) }, [output])
        .catch((error: unknown) => {
          throw unusable(`It does not run: ${sentence(error)}.`, error);
        });
      const { data } = outputs[output] ?? {};
      if (data instanceof Float32Array) return data;
      throw unusable('It gives something else than 32 bit floats.');
    },
    close: () => session.release(),
  };
}

export function unusable(why: string, cause?: unknown): ServiceError {
  return new ServiceError('model-unusable', `The model cannot be used. ${why}`, { cause });
}

/** One core for it: what works beside it is another executor. Spinning threads would take the core of another one. */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  executionProviders: ['cpu'],
  logSeverityLevel: 4,
};

type Runtime = typeof import('onnxruntime-node');
let runtime: Promise<Runtime> | undefined;

/** Loaded with the first model: 45 MB of native code that most executors never need. */
function loadRuntime(): Promise<Runtime> {
  runtime ??= import('onnxruntime-node').catch((cause: unknown) => {
    runtime = undefined;
    const detail = 'onnxruntime does not run on this machine. `coatcheck doctor` tells why.';
    throw new ServiceError('service-unavailable', detail, { cause });
  });
  return runtime;
}

function refuseOtherFiles(bytes: Uint8Array): void {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (start.startsWith('version https://git-lfs'))
    throw unusable('Its file is a Git LFS pointer, a text that stands for the model: get the model itself with `git lfs pull`.');
  if (bytes.length === 0) throw unusable('Its file is empty.');
  if (/^\s*(<|\{)/.test(start)) throw unusable('Its file is a text, as a web page would be, and no ONNX model.');
}

async function checkedSlots(session: InferenceSession): Promise<{ input: Slot; output: string }> {
  const { inputMetadata, outputNames } = session;
  const [input] = inputMetadata;
  const [output] = outputNames;
  const wrong = wrongSlots(inputMetadata, output);
  if (wrong === null && input?.isTensor === true && output !== undefined)
    return { input: { name: input.name, shape: input.shape }, output };
  await session.release();
  throw unusable(wrong ?? 'It has no input.');
}

interface Slot {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

function wrongSlots(inputs: InferenceSession['inputMetadata'], output: string | undefined): string | null {
  const [input] = inputs;
  if (inputs.length !== 1 || input === undefined || output === undefined)
    return `It has ${inputs.length} inputs; a classifier of pictures has one.`;
  if (!input.isTensor || input.type !== 'float32')
    return `Its input is ${input.isTensor ? input.type : 'no tensor'}; models with an input of float32 can be used.`;
  return null;
}

/** The first sentence of the runtime, without places in its source and in files. */
function sentence(error: unknown): string {
  const message = messageOf(error);
  const [first = ''] = message.split('\n');
  return first
    .replace(/(^|\s)\S*\/\S*?(?=:?(\s|$))/g, '$1the file')
    .replace(/[.\s]+$/, '')
    .slice(0, sentenceCharsMax);
}

/** Tiny ONNX models, written field by field (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */

interface ModelParts {
  /** Of the input; null where any size is taken. */
  readonly shape: readonly (number | null)[];
  /** `mean`: the mean of each channel of a picture, so as many numbers as channels; `same`: what came in. */
  readonly gives: 'mean' | 'same';
  readonly type?: 'float32' | 'int64';
  readonly inputs?: number;
}

const types = { float32: 1, int64: 7 };
const irVersion = 7;
const opset = 13;

export function onnxModel({ shape, gives, type = 'float32', inputs = 1 }: ModelParts): Buffer {
  const names = Array.from({ length: inputs }, (_, at) => `in${at}`);
  const axes = attribute('axes', [2, 3]);
  const node =
    gives === 'mean'
      ? [text(1, 'in0'), text(2, 'out'), text(4, 'ReduceMean'), message(5, axes), message(5, attribute('keepdims', 0))]
      : [text(1, 'in0'), text(2, 'out'), text(4, 'Identity')];
  const graph = [
    message(1, node),
    text(2, 'graph'),
    ...names.map((name) => message(11, tensor(name, types[type], shape))),
    message(12, tensor('out', types[type], null)),
  ];
  return Buffer.concat([number(1, irVersion), message(7, graph), message(8, [text(1, ''), number(2, opset)])]);
}

function tensor(name: string, type: number, shape: readonly (number | null)[] | null): Buffer[] {
  const sizes = (shape ?? []).map((size, at) => message(1, [size === null ? text(2, `d${at}`) : number(1, size)]));
  const parts = shape === null ? [number(1, type)] : [number(1, type), message(2, sizes)];
  return [text(1, name), message(2, [message(1, parts)])];
}

function attribute(name: string, value: number | readonly number[]): Buffer[] {
  if (typeof value === 'number') return [text(1, name), number(3, value), number(20, 2)];
  return [text(1, name), ...value.map((each) => number(8, each)), number(20, 7)];
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value % 128) + 128]), varint(Math.floor(value / 128))]);
}

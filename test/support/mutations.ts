/** Damages files in the ways in which disks, networks and people who mean harm do. */
import { chunksOf } from './chunks.ts';
import type { Random } from './random.ts';

type Mutate = (bytes: Buffer, random: Random) => Buffer;

/** In turn, so that ten mutations of a file have each kind. */
const kinds: Readonly<Record<string, Mutate>> = {
  'bits flipped': (bytes, random) => changed(bytes, random, (old) => old ^ (1 << random.below(8))),
  'bytes replaced': (bytes, random) => changed(bytes, random, () => random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])),
  'cut off': (bytes, random) => bytes.subarray(0, random.between(1, Math.max(1, bytes.length - 1))),
  'block twice': (bytes, random) => {
    const { from, to } = block(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  'block removed': (bytes, random) => {
    const { from, to } = block(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  'block zeroed': (bytes, random) => {
    const { from, to } = block(bytes, random);
    return Buffer.from(bytes).fill(0, from, to);
  },
  'false length': falseLength,
  'head of another': (bytes, random) => {
    const head = random.pick(heads);
    return Buffer.concat([head, bytes.subarray(Math.min(head.length, bytes.length))]);
  },
  'bits of the head flipped': (bytes, random) =>
    Buffer.concat([changed(bytes.subarray(0, 64), random, (old) => old ^ (1 << random.below(8))), bytes.subarray(64)]),
  'two false lengths': (bytes, random) => falseLength(falseLength(bytes, random), random),
};

export interface Mutant {
  /** What was done to it, for the message of a test that fails. */
  readonly kind: string;
  readonly bytes: Buffer;
}

/** The mutation of this number, from 0 on. */
export function mutant(bytes: Buffer, number: number, random: Random): Mutant {
  const names = Object.keys(kinds);
  const kind = names[number % names.length] ?? '';
  const mutate = kinds[kind];
  if (mutate === undefined) throw new Error(`there is no mutation ${kind}`);
  return { kind, bytes: mutate(bytes, random) };
}

const heads = [
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8\xff\xe0',
  'GIF89a',
  'RIFF\xff\xff\xff\xffWEBPVP8 ',
  'II*\0\x08\0\0\0',
  '%PDF-1.7\n',
  '\0\0\0\x20ftypavif',
].map((text) => Buffer.from(text, 'latin1'));

function changed(bytes: Buffer, random: Random, change: (old: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return copy;
  for (let left = random.between(1, 16); left > 0; left -= 1) {
    const at = random.below(copy.length);
    copy.writeUInt8(change(copy.readUInt8(at)) & 0xff, at);
  }
  return copy;
}

function block({ length }: Buffer, random: Random): { from: number; to: number } {
  const from = random.below(length);
  return { from, to: Math.min(length, from + random.between(1, Math.max(1, Math.floor(length / 4)))) };
}

const lies32 = [
  0, 1, 2, 0x7f, 0xff, 0x1_00, 0xff_ff, 0x1_00_00, 0xff_ff_ff, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_fe, 0xff_ff_ff_ff,
];

/** A length, a count or a size in the header of a part is another than it was. */
function falseLength(bytes: Buffer, random: Random): Buffer {
  if (bytes.subarray(0, 1024).includes('%PDF')) return falseNumber(bytes, random);
  const fields = chunksOf(bytes).map(({ field }) => field);
  const copy = Buffer.from(bytes);
  if (fields.length === 0) {
    if (copy.length < 4) return copy;
    const at = random.below(Math.min(copy.length, 512) - 3);
    const lie = random.pick(lies32);
    if (random.below(2) === 0) copy.writeUInt32BE(lie, at);
    else copy.writeUInt32LE(lie, at);
    return copy;
  }
  const { at, bytes: width, order } = random.pick(fields);
  const lie = random.pick(lies32) % 2 ** (8 * width);
  if (order === 'big') copy.writeUIntBE(lie, at, width);
  else copy.writeUIntLE(lie, at, width);
  return copy;
}

/** PDFs write their lengths, counts and offsets as text. */
function falseNumber(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const numbers = [
    ...text.matchAll(
      /(?<=\/(?:Length|Count|Size|W|N|First|Prev|Width|Height|BitsPerComponent|Columns|Predictor|MediaBox \[?|Kids \[|startxref\s) ?)-?\d+/g,
    ),
  ];
  const found = numbers.length > 0 ? numbers : [...text.matchAll(/\d+/g)];
  if (found.length === 0) return bytes;
  const { index, 0: old } = random.pick(found);
  const lie = random.pick(['0', '-1', '1', '65536', '2147483647', '4294967295', '99999999999999999999', `${Number(old) + 1}`]);
  return Buffer.from(text.slice(0, index) + lie + text.slice(index + old.length), 'latin1');
}

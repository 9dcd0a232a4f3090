import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** The `model.json` of a model: what must be known of it to ask it about a picture. */

const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const channels = Type.Array(Type.Number(), { minItems: 1, maxItems: 3 });
const side = Type.Integer({ minimum: 1, maximum: 2_048 });

const PictureInput = Type.Object({
  width: side,
  height: side,
  layout: Type.Enum(['NCHW', 'NHWC']),
  /** Of each channel, on the scale of 0 to 255: what goes in is `(value - mean) / scale`. Three for colours, one for grey. */
  mean: channels,
  scale: channels,
  /** `crop`: a rectangle in the middle, of the shape of the input; `stretch`: all of it. */
  fit: Type.Enum(['crop', 'stretch']),
  /** How much of the largest such rectangle: 0.875 is 224 of 256. */
  crop: Type.Number({ minimum: 0.1, maximum: 1 }),
});

const ModelDescription = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 200 }),
  input: PictureInput,
  output: Type.Enum(['logits', 'softmax']),
  bytes: Type.Integer({ minimum: 1 }),
  sha256: Type.Object({ model: sha256, labels: sha256 }),
  licence: Type.Optional(Type.String({ maxLength: 200 })),
  source: Type.Optional(Type.String({ maxLength: 2_000 })),
});

export type PictureInput = Static<typeof PictureInput>;
export type ModelDescription = Static<typeof ModelDescription>;

/** Throws an `Error` that says what is wrong where the text is no description. */
export function parseModelDescription(text: string): ModelDescription {
  const described: unknown = JSON.parse(text);
  if (!Value.Check(ModelDescription, described)) {
    const [first] = Value.Errors(ModelDescription, described);
    throw new Error(`${first?.instancePath || 'it'} ${first?.message ?? 'is not valid'}`);
  }
  const { mean, scale } = described.input;
  if (mean.length !== scale.length || mean.length === 2) throw new Error('/input/mean and /input/scale need 1 or 3 numbers each');
  if (scale.includes(0)) throw new Error('/input/scale must not be 0');
  return described;
}

/** Names of folders, as they stand in URLs and on command lines. */
export const modelIdPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

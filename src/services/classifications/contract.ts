import { type Static, Type } from 'typebox';

/** What `POST /v1/classifications` takes as options, and the result that it gives. */

/** The model that comes with the program. */
export const bundledModel = 'kinds';
export const topMax = 1_000;

export const options = Type.Object(
  {
    model: Type.String({
      maxLength: 1_000,
      default: bundledModel,
      title: 'Model',
      'x-help': 'What it is looked at with: each model knows labels of its own.',
      description:
        'Id of an installed model, as `GET /v1/services` lists them. `kinds`, which is always there, tells what kind of picture it is.',
    }),
    top: Type.Integer({
      minimum: 1,
      maximum: topMax,
      default: 5,
      title: 'Labels',
      'x-help': 'How many are told, the most likely first.',
      description: 'How many labels are told at most, the most likely first.',
    }),
  },
  { additionalProperties: false },
);

export const result = Type.Object({
  model: Type.String(),
  labels: Type.Array(
    Type.Object({
      index: Type.Integer({ minimum: 0, description: 'Of the label in the list of the model, from 0 on.' }),
      label: Type.String(),
      score: Type.Number({ minimum: 0, maximum: 1, description: 'Soft-max: those of all labels of the model make 1.' }),
    }),
    { description: 'By falling score.' },
  ),
});

export type Options = Static<typeof options>;
export type Result = Static<typeof result>;

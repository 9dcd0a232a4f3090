import { type Static, Type } from 'typebox';
import { jobStates } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { nullable } from './nullable.ts';

const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC.' });
const ActionName = Type.Enum(['cancel', 'retry', 'delete']);
const Label = Type.String({ maxLength: limits.labelCharsMax });

export const ActionFilter = Type.Object(
  {
    service: Type.Optional(Type.String({ maxLength: 100 })),
    state: Type.Optional(Type.Enum([...jobStates])),
    labels: Type.Optional(Type.Record(Type.String(), Label, { maxProperties: limits.labelsMax })),
    createdAfter: Type.Optional(
      Type.String({ format: 'date-time', maxLength: 64, description: 'Created at this time (RFC 3339) or later.' }),
    ),
    createdBefore: Type.Optional(
      Type.String({ format: 'date-time', maxLength: 64, description: 'Created before this time (RFC 3339).' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

/** What is to be done, and to which jobs: `ids` or `filter`. A filter means the jobs that there are when the request comes. */
export const ActionRequest = Type.Object(
  {
    action: ActionName,
    ids: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: limits.batchMax })),
    filter: Type.Optional(ActionFilter),
  },
  {
    additionalProperties: false,
    oneOf: [{ required: ['ids'] }, { required: ['filter'] }],
  },
);

export const ActionView = Type.Object({
  id: Type.String({ format: 'uuid' }),
  action: ActionName,
  state: Type.Enum(['running', 'done']),
  counts: Type.Object({
    matched: Type.Integer({ description: 'Jobs found. For a filter: so far, at most 1,000 at first.' }),
    done: Type.Integer({ description: 'Jobs that it was done to.' }),
    skipped: Type.Integer({ description: 'Jobs to which there was nothing to do, such as finished ones to cancel.' }),
    missing: Type.Integer({ description: 'Ids of which there is no job.' }),
  }),
  createdAt: Time,
  finishedAt: nullable(Time),
  links: Type.Object({ self: Type.String() }),
});

export type ActionFilter = Static<typeof ActionFilter>;
export type ActionRequest = Static<typeof ActionRequest>;
export type ActionView = Static<typeof ActionView>;

import { type Static, Type } from 'typebox';
import { limits } from '../core/limits.ts';
import { JobSettings, JobSourceRequest } from './job.ts';
import { nullable } from './nullable.ts';
import { Problem } from './problem.ts';

/** One job of several that are handed in together: what `POST /v1/{service}` takes as JSON, and the service. */
export const BatchEntry = Type.Object(
  {
    service: Type.String({ description: 'The name of an installed service.' }),
    source: Type.Optional(nullable(JobSourceRequest)),
    options: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Of the service.' })),
    ...JobSettings.properties,
  },
  { additionalProperties: false },
);

export const BatchRequest = Type.Object(
  { jobs: Type.Array(BatchEntry, { minItems: 1, maxItems: limits.batchMax }) },
  { additionalProperties: false },
);

/** What became of one of them: the id of the job, or why there is none. */
export const BatchItem = Type.Union([
  Type.Object({ id: Type.String({ format: 'uuid' }) }, { additionalProperties: false }),
  Type.Object({ problem: Problem }, { additionalProperties: false }),
]);

/** In the order of the request. */
export const BatchAnswer = Type.Object({ items: Type.Array(BatchItem) });

export type BatchEntry = Static<typeof BatchEntry>;
export type BatchItem = Static<typeof BatchItem>;
export type BatchAnswer = Static<typeof BatchAnswer>;

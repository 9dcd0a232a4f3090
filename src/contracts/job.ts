import { type Static, Type } from 'typebox';
import { jobStates } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { nullable } from './nullable.ts';
import { JobProblem } from './problem.ts';

const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC.' });
const Id = Type.String({ format: 'uuid', description: 'A UUIDv7.' });

export const JobStateName = Type.Enum([...jobStates]);

export const JobProgress = Type.Object({
  fraction: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  message: nullable(Type.String()),
});

/** Of a link, all but `url` is null until it is fetched. */
export const JobSource = Type.Object({
  url: Type.Optional(Type.String({ description: 'The link that it is fetched from, where there is one.' })),
  file: nullable(Id),
  name: nullable(Type.String()),
  mediaType: nullable(Type.String({ description: 'As found from the bytes.' })),
  bytes: nullable(Type.Integer()),
  sha256: nullable(Type.String({ pattern: '^[0-9a-f]{64}$' })),
});

export const JobLinks = Type.Object({
  self: Type.String(),
  queue: Type.String(),
  events: Type.String(),
  result: nullable(Type.String()),
});

/** A job as clients see it. Links are paths on the server that answered. */
export const JobView = Type.Object({
  id: Id,
  service: Type.String(),
  state: JobStateName,
  progress: nullable(JobProgress),
  queuePosition: nullable(Type.Integer({ minimum: 1, maximum: limits.queuePositionMax, description: 'An estimate; 1 is next.' })),
  attempt: Type.Integer({ minimum: 0 }),
  maxAttempts: Type.Integer({ minimum: 1 }),
  priority: Type.Integer(),
  labels: Type.Record(Type.String(), Type.String()),
  source: nullable(JobSource),
  options: Type.Record(Type.String(), Type.Unknown()),
  createdAt: Time,
  runAt: Time,
  startedAt: nullable(Time),
  finishedAt: nullable(Time),
  expiresAt: Time,
  deadline: nullable(Time),
  reusedFrom: nullable(Id),
  error: nullable(JobProblem),
  links: JobLinks,
  result: Type.Optional(
    Type.Unknown({
      description:
        'The result of the service: in the answer to a POST with `Prefer: wait` that was done in time; in a failed job what was done before it failed, where that was asked for.',
    }),
  ),
});

export type JobProgress = Static<typeof JobProgress>;
export type JobSource = Static<typeof JobSource>;
export type JobView = Static<typeof JobView>;

export const JobPage = Type.Object({
  items: Type.Array(JobView),
  nextCursor: nullable(Type.String({ description: 'Opaque: pass it on as `cursor`; null on the last page.' })),
});

export type JobPage = Static<typeof JobPage>;

const priority = Type.Integer({ minimum: limits.priorityMin, maximum: limits.priorityMax, default: 0 });
const maxAttempts = Type.Integer({ minimum: 1, maximum: limits.attemptsMax, default: limits.attemptsDefault });
const moment = { minLength: 2, maxLength: 64, format: 'moment' };

/** What a caller may say about a job besides its source and options. */
export const JobSettings = Type.Object({
  priority: Type.Optional(priority),
  runAt: Type.Optional(
    Type.String({ ...moment, description: 'Not before this time: RFC 3339, or a duration from now such as `5m`.' }),
  ),
  deadline: Type.Optional(
    Type.String({ ...moment, description: 'Done by this time or failed: RFC 3339, or a duration from now such as `2h`.' }),
  ),
  maxAttempts: Type.Optional(maxAttempts),
  labels: Type.Optional(
    Type.Record(
      Type.String({ pattern: `^[^\\u0000-\\u001f\\u007f]{1,${limits.labelCharsMax}}$` }),
      Type.String({ maxLength: limits.labelCharsMax }),
      {
        maxProperties: limits.labelsMax,
        additionalProperties: false,
      },
    ),
  ),
  fresh: Type.Optional(Type.Boolean({ default: false, description: 'Run anew even where the result is already known.' })),
});

export type JobSettings = Static<typeof JobSettings>;

/** A file name as callers may give it: without its folders at most 255 characters, none of them invisible. */
export const FileName = Type.String({
  format: 'file-name',
  description: 'Without folders at most 255 characters, no control characters, not only dots.',
});

/** How a JSON request names what to work on. */
export const JobSourceRequest = Type.Union(
  [
    Type.Object({ file: Type.String({ description: 'The id of a stored file.' }) }, { additionalProperties: false }),
    Type.Object(
      { base64: Type.String({ format: 'byte', minLength: 1 }), name: Type.Optional(FileName) },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        url: Type.String({
          format: 'uri',
          minLength: 1,
          maxLength: limits.sourceUrlBytesMax,
          description: 'http or https, to a public host on port 80, 443, 8080 or 8443.',
        }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        job: Type.String({ description: 'A job of yours that has succeeded.' }),
        output: Type.Optional(
          Type.String({ description: 'Name or id of a file that it made; may be left out where there is only one.' }),
        ),
      },
      { additionalProperties: false },
    ),
  ],
  { description: 'What to work on: a stored file, bytes in base64, a link that is fetched, or what an earlier job made.' },
);

export type JobSourceRequest = Static<typeof JobSourceRequest>;

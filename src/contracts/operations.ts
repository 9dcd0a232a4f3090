import { type Static, Type } from 'typebox';
import { jobStates } from '../core/job.ts';
import { nullable } from './nullable.ts';

const Schema = Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema 2020-12.' });

/** One installed service: what it takes, what can be set, what it gives. */
export const ServiceView = Type.Object({
  name: Type.String(),
  title: Type.String(),
  summary: Type.String(),
  version: Type.String(),
  accepts: Type.Array(Type.String()),
  produces: Type.Array(Type.String()),
  options: Schema,
  result: Schema,
  limits: Type.Object({
    timeMs: Type.Integer(),
    memoryBytes: Type.Integer(),
    uploadBytes: Type.Integer(),
    pixels: Type.Integer(),
    frames: Type.Integer(),
  }),
  engine: Type.Optional(
    Type.Object(
      { name: Type.String(), version: Type.String() },
      { description: 'The program that does the work, where there could be another one.' },
    ),
  ),
  languages: Type.Optional(Type.Array(Type.String(), { description: 'Installed languages.' })),
  models: Type.Optional(
    Type.Array(
      Type.Object({ id: Type.String(), title: Type.String(), labels: Type.Integer({ description: 'How many it knows.' }) }),
      { description: 'Installed models.' },
    ),
  ),
  samples: Type.Array(Type.Object({ name: Type.String(), title: Type.String(), mediaType: Type.String(), link: Type.String() }), {
    description: 'Files to try it with.',
  }),
  links: Type.Object({ submit: Type.String() }),
});
export const ServiceList = Type.Object({ items: Type.Array(ServiceView) });

export type ServiceView = Static<typeof ServiceView>;
export type ServiceList = Static<typeof ServiceList>;

const counts = Object.fromEntries(jobStates.map((state) => [state, Type.Integer()])) as {
  // `fromEntries` forgets the names of the keys.
  [state in (typeof jobStates)[number]]: ReturnType<typeof Type.Integer>;
};

const perMinute = Object.fromEntries(jobStates.map((state) => [state, Type.Number()])) as {
  // `fromEntries` forgets the names of the keys.
  [state in (typeof jobStates)[number]]: ReturnType<typeof Type.Number>;
};

/** The queue of one service. */
export const QueueView = Type.Object({
  service: Type.String(),
  paused: Type.Boolean(),
  depth: Type.Integer({ description: 'Jobs that wait and could start now.' }),
  delayed: Type.Integer({ description: 'Jobs that wait for their time (`runAt`, or the pause before a retry).' }),
  counts: Type.Object(counts, { description: 'Jobs that are kept, by state; `queued` is depth and delayed together.' }),
  perMinute: Type.Object(perMinute, {
    description: 'Jobs a minute that came to each state, over the last five minutes, or since this process began.',
  }),
  oldestQueuedAt: nullable(Type.String({ format: 'date-time', description: 'When the longest waiting due job was created.' })),
  oldestWaitSeconds: nullable(Type.Number({ description: 'How long that is ago.' })),
  expectedWaitSeconds: nullable(
    Type.Number({ description: 'How long a job that is handed in now would wait, at the pace of the last seconds.' }),
  ),
});
export const QueueList = Type.Object({ items: Type.Array(QueueView) });

export type QueueView = Static<typeof QueueView>;
export type QueueList = Static<typeof QueueList>;

/** One executor: a process that runs one task at a time. */
export const ExecutorView = Type.Object({
  executor: Type.Integer(),
  pid: nullable(Type.Integer()),
  job: nullable(Type.String()),
  service: nullable(Type.String()),
  since: nullable(Type.String({ format: 'date-time', description: 'When it began its present job.' })),
  tasks: Type.Integer({ description: 'Tasks begun.' }),
  restarts: Type.Integer(),
  sandbox: Type.Enum(['bwrap', 'unshare', 'none']),
  residentBytes: nullable(Type.Integer()),
});

/** One process that runs jobs, and what its executors do now. */
export const WorkerView = Type.Object({
  name: Type.String({ description: 'As in the history of the jobs that it began.' }),
  host: Type.String(),
  pid: Type.Integer(),
  startedAt: Type.String({ format: 'date-time' }),
  executors: Type.Array(ExecutorView),
});
export const WorkerList = Type.Object({ items: Type.Array(WorkerView) });

export type WorkerView = Static<typeof WorkerView>;
export type WorkerList = Static<typeof WorkerList>;

const Amount = Type.Object({ count: Type.Integer(), bytes: Type.Integer() });

/** What is kept, and the room where the files lie. */
export const StorageView = Type.Object({
  files: Type.Object(Amount.properties, { description: 'Uploads and outputs; bytes that several files share count once.' }),
  results: Type.Object(Amount.properties, { description: 'Results of jobs, as JSON.' }),
  databaseBytes: nullable(Type.Integer({ description: 'What the database takes on its disk.' })),
  freeBytes: nullable(Type.Integer({ description: 'Room left where the files lie.' })),
  reserveBytes: Type.Integer({ description: 'With less room nothing new is taken.' }),
});

export type StorageView = Static<typeof StorageView>;

/** `/livez` and `/readyz`. */
export const Health = Type.Object({ status: Type.Enum(['ok']), version: Type.String() });

export type Health = Static<typeof Health>;

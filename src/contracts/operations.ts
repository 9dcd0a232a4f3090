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
  links: Type.Object({ submit: Type.String() }),
});
export const ServiceList = Type.Object({ items: Type.Array(ServiceView) });

export type ServiceView = Static<typeof ServiceView>;
export type ServiceList = Static<typeof ServiceList>;

const counts = Object.fromEntries(jobStates.map((state) => [state, Type.Integer()])) as {
  // `fromEntries` forgets the names of the keys.
  [state in (typeof jobStates)[number]]: ReturnType<typeof Type.Integer>;
};

/** The queue of one service. */
export const QueueView = Type.Object({
  service: Type.String(),
  paused: Type.Boolean(),
  counts: Type.Object(counts),
  oldestQueuedAt: nullable(Type.String({ format: 'date-time', description: 'When the longest waiting due job was created.' })),
});
export const QueueList = Type.Object({ items: Type.Array(QueueView) });

export type QueueView = Static<typeof QueueView>;
export type QueueList = Static<typeof QueueList>;

/** One executor of this process and what it does now. */
export const WorkerView = Type.Object({
  executor: Type.Integer(),
  pid: nullable(Type.Integer()),
  job: nullable(Type.String()),
  service: nullable(Type.String()),
  startedAt: nullable(Type.String({ format: 'date-time', description: 'When it began its present job.' })),
  tasks: Type.Integer({ description: 'Tasks begun.' }),
  restarts: Type.Integer(),
  sandbox: Type.Enum(['bwrap', 'unshare', 'none']),
  residentBytes: nullable(Type.Integer()),
});
export const WorkerList = Type.Object({ items: Type.Array(WorkerView) });

export type WorkerView = Static<typeof WorkerView>;
export type WorkerList = Static<typeof WorkerList>;

/** Room where the files lie. */
export const StorageView = Type.Object({ freeBytes: nullable(Type.Integer()) });

export type StorageView = Static<typeof StorageView>;

/** `/livez` and `/readyz`. */
export const Health = Type.Object({ status: Type.Enum(['ok']), version: Type.String() });

export type Health = Static<typeof Health>;

import { type Static, Type } from 'typebox';
import { jobEventTypes } from '../core/events.ts';
import { jobStates } from '../core/job.ts';
import { Beer, TapId, TapList, TapReport } from './beers.ts';
import { JobProgress } from './job.ts';
import { QueueList } from './operations.ts';
import { JobProblem, Problem } from './problem.ts';

const CommandId = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Chosen by the client; its result has the same.',
});
const Topics = Type.Array(Type.String({ maxLength: 100 }), {
  minItems: 1,
  description:
    '`jobs`: all jobs of the caller. `job:ID`: one of them. `queues`: depth and state of every queue, at most once a second. `beers`: every pour and every removal, and the reports of the shares. `taps`: the list of taps, at most once a second.',
  examples: [['jobs', 'queues'], ['job:0198c5f0-1111-7000-8000-000000000001'], ['beers']],
});

export const SubscribeCommand = Type.Object(
  {
    id: CommandId,
    type: Type.Literal('subscribe'),
    topics: Topics,
    since: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'The id of the last event that was received: what came behind it is told first, in order and without a gap, then what happens. "0": from the start of what is kept. Missing: from now on. The ids of one command rise over all of its topics: resume them together.',
      }),
    ),
    tap: Type.Optional({
      ...TapId,
      description: 'This socket is this tap, until it says another or closes: `GET /v1/taps` counts it.',
    }),
  },
  { additionalProperties: false },
);

export const UnsubscribeCommand = Type.Object(
  { id: CommandId, type: Type.Literal('unsubscribe'), topics: Topics },
  { additionalProperties: false },
);

/** Commands are carried out one after the other: its result comes behind everything that a `subscribe` before it caught up with. */
export const PingCommand = Type.Object({ id: CommandId, type: Type.Literal('ping') }, { additionalProperties: false });

/** How a command went. */
export const ResultMessage = Type.Object({
  id: CommandId,
  type: Type.Literal('result'),
  success: Type.Boolean(),
  since: Type.Optional(
    Type.String({ description: 'Of a `subscribe`: give this as `since` to go on from here before any event has come.' }),
  ),
  error: Type.Optional(Problem),
});

const eventMembers = <D extends Parameters<typeof Type.Object>[0][string]>(data: D) => ({
  specversion: Type.Literal('1.0'),
  id: Type.String({
    description:
      'Opaque; good as `since`. Progress, removals of jobs, queues and taps are told live only: they have an id of their own, too, but going on behind it does not repeat them.',
  }),
  source: Type.String({ description: 'A path on the server.', examples: ['/v1/jobs/0198c5f0-1111-7000-8000-000000000001'] }),
  time: Type.String({ format: 'date-time' }),
  data,
});
const JobId = Type.String({ description: 'The id of the job.' });

/** A line of the history of a job, as a CloudEvent 1.0. */
export const JobCloudEvent = Type.Object({
  ...eventMembers(
    Type.Object({
      service: Type.String(),
      state: Type.Enum([...jobStates], { description: 'Of the job from then on.' }),
      attempt: Type.Optional(Type.Integer()),
      worker: Type.Optional(Type.String()),
      runAt: Type.Optional(Type.String({ format: 'date-time' })),
      reason: Type.Optional(Type.String()),
      error: Type.Optional(JobProblem),
      peakBytes: Type.Optional(
        Type.Integer({
          description:
            'At the end of an attempt: the most memory that its process and its children were seen to take (looked at every 50 ms; missing where it was shorter).',
        }),
      ),
    }),
  ),
  type: Type.Enum([...jobEventTypes]),
  subject: JobId,
});

/** How far a running job is. Told live only; where the reader is slow only the newest of each job. */
export const ProgressCloudEvent = Type.Object({
  ...eventMembers(Type.Object({ service: Type.String(), ...JobProgress.properties })),
  type: Type.Literal('job.progress'),
  subject: JobId,
});

/** A job and its history were deleted. Told live only. */
export const RemovedCloudEvent = Type.Object({
  ...eventMembers(Type.Object({ service: Type.String() })),
  type: Type.Literal('job.removed'),
  subject: JobId,
});

/** The queues as `GET /v1/queues` gives them. Told live only. */
export const QueuesCloudEvent = Type.Object({ ...eventMembers(QueueList), type: Type.Literal('queues.changed') });

/** A beer was poured, or removed: then as it was. */
export const BeerCloudEvent = Type.Object({
  ...eventMembers(Beer),
  type: Type.Enum(['beer.poured', 'beer.deleted']),
  subject: Type.String({ description: 'The id of the beer.' }),
});

/** How all beers are shared among the taps, exactly as it is at this place of the log. */
export const ReportCloudEvent = Type.Object({ ...eventMembers(TapReport), type: Type.Literal('taps.report') });

/** The taps as `GET /v1/taps` gives them. Told live only. */
export const TapsCloudEvent = Type.Object({ ...eventMembers(TapList), type: Type.Literal('taps.changed') });

/** `GET /v1/beers/events` as JSON: one page. */
export const BeersEventList = Type.Object({
  items: Type.Array(Type.Union([BeerCloudEvent, ReportCloudEvent]), {
    description: 'In order. Fewer than 500: there is no more yet.',
  }),
  since: Type.String({ description: 'Ask with this for what comes next.' }),
  resync: Type.Boolean({ description: 'More than 24 hours were missed: read anew what you show.' }),
});

export const LiveCloudEvent = Type.Union([
  JobCloudEvent,
  ProgressCloudEvent,
  RemovedCloudEvent,
  QueuesCloudEvent,
  BeerCloudEvent,
  ReportCloudEvent,
  TapsCloudEvent,
]);

export const EventMessage = Type.Object({ type: Type.Literal('event'), topic: Type.String(), event: LiveCloudEvent });

/** What lies behind `since` is more than 24 hours old, or of another database: read anew what you show. Live events follow. */
export const ResyncMessage = Type.Object({
  type: Type.Literal('resync'),
  topics: Type.Array(Type.String()),
  since: Type.String({ description: 'Go on from here.' }),
});

export const LiveMessage = Type.Union([ResultMessage, EventMessage, ResyncMessage]);

export type SubscribeCommand = Static<typeof SubscribeCommand>;
export type UnsubscribeCommand = Static<typeof UnsubscribeCommand>;
export type PingCommand = Static<typeof PingCommand>;
export type LiveCommand = SubscribeCommand | UnsubscribeCommand | PingCommand;
export type BeerCloudEvent = Static<typeof BeerCloudEvent>;
export type ReportCloudEvent = Static<typeof ReportCloudEvent>;
export type BeersEventList = Static<typeof BeersEventList>;
export type TapsCloudEvent = Static<typeof TapsCloudEvent>;
export type LiveCloudEvent = Static<typeof LiveCloudEvent>;
export type ResultMessage = Static<typeof ResultMessage>;
export type ResyncMessage = Static<typeof ResyncMessage>;
export type LiveMessage = Static<typeof LiveMessage>;

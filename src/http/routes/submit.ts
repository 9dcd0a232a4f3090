import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { FileName, JobSettings, JobSourceRequest } from '../../contracts/job.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { SubmitRequest } from '../../engine/engine.ts';
import type { Answer } from '../../ports/job-store.ts';
import type { Service } from '../../ports/service.ts';
import { jsonAnswer } from '../answer.ts';
import { type Keep, postOnce } from '../idempotency.ts';
import { contentTypeOf, type IntakeParts, readJobRequest } from '../intake/read-job-request.ts';
import { resolveSource } from '../intake/resolve-source.ts';
import { createServiceIntake, type JobRequest } from '../intake/submission.ts';
import { jobJson, notYetKnown } from '../job-view.ts';
import { moment } from '../moment.ts';
import { asRequested, header, idempotencyHeader, json, path, ref } from '../openapi-schemas.ts';
import { preferredWaitSeconds } from '../prefer.ts';
import { callerOf } from '../request-context.ts';
import { invalidFields } from '../validation.ts';
import type { WaitSignals } from '../wait-signals.ts';
import { acceptedAnswer, acceptedHeaders } from './jobs.ts';

export interface SubmitRouteParts extends IntakeParts {
  readonly waits: WaitSignals;
}

/** An answer that is kept for a day should not be a large one: the result is then fetched by its link. */
const keptResultCharsMax = 256 * 1024;

/** `POST /v1/{service}` of one service, taking a source in every way that there is. */
export function submitRoute(parts: SubmitRouteParts, service: Service): (app: FastifyInstance) => void {
  const intake = createServiceIntake(service);
  return (app) => {
    app.post(`/v1/${service.name}`, { config: submitConfig(service), schema: submitSchema(service) }, (request, reply) => {
      let stored = false;
      const isShort = isShortJson(request);
      const admit = () => parts.engine.admits(callerOf(request), service.name);
      return postOnce(parts, request, reply, {
        admit: async () => (isShort ? undefined : admit()),
        read: () => readJobRequest(parts, intake, request),
        describe,
        async act(asked, keep) {
          if (isShort && !mayBeKnown(asked)) await admit();
          const submission = await submissionOf(parts, intake.service, request, asked);
          const answer = keep === null ? {} : { answer: (next: Job) => keep.record(acceptedAnswer(next)) };
          const job = await parts.engine.submit({ ...submission, ...answer });
          stored = true;
          return parts.waits.during(reply.raw, (signal) => answerOf(parts, request, job, keep, signal));
        },
        async drop({ source }) {
          if (!stored && source !== null && 'input' in source) await parts.engine.discard(source.input.blob);
        },
      });
    });
  };
}

/** Such a body costs no more to read than to drop, and it may name bytes of which the result is known: that job needs no place. */
function isShortJson(request: FastifyRequest): boolean {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  return declared <= limits.jsonBeforeAdmissionBytesMax && contentTypeOf(request) === 'application/json';
}

/** Whether the engine looks for a known result before it asks for a place. */
function mayBeKnown({ source, settings: { fresh = false, runAt } }: JobRequest): boolean {
  return source !== null && ('file' in source || 'job' in source) && !fresh && runAt === undefined;
}

/** What was asked for as the engine takes it; throws where the times or the stored file do not do. */
export async function submissionOf(
  { engine, clock }: IntakeParts,
  service: Service,
  request: FastifyRequest,
  asked: JobRequest,
): Promise<SubmitRequest> {
  const { runAt, deadline, ...settings } = asked.settings;
  const now = clock.now();
  const times = {
    ...(runAt === undefined ? {} : { runAt: moment(runAt, now, 'runAt') }),
    ...(deadline === undefined ? {} : { deadline: moment(deadline, now, 'deadline') }),
  };
  if (times.deadline !== undefined && times.deadline <= (times.runAt ?? now)) {
    throw invalidFields([{ pointer: '#/deadline', detail: 'is not later than runAt' }]);
  }
  const caller = callerOf(request);
  return {
    caller,
    service,
    source: await resolveSource(engine, caller, service, asked.source),
    options: asked.options,
    traceId: request.traceId,
    ...settings,
    ...times,
  };
}

/** 202, or with `Prefer: wait` 200 with the result once the job has succeeded in time. */
async function answerOf(
  parts: SubmitRouteParts,
  request: FastifyRequest,
  job: Job,
  keep: Keep | null,
  signal: AbortSignal,
): Promise<Answer> {
  const accepted = acceptedAnswer(job);
  const seconds = preferredWaitSeconds(request.headers.prefer);
  if (seconds === null) return accepted;
  const done = await finishedAnswer(parts, request, job, seconds, signal);
  if (done === null) return accepted;
  if (keep === null) return done;
  // What a repeated request will get must be what the first one got.
  return done.body.length <= keptResultCharsMax && (await keep.replace(done)) ? done : accepted;
}

async function finishedAnswer(
  { engine }: SubmitRouteParts,
  request: FastifyRequest,
  { id }: Job,
  seconds: number,
  signal: AbortSignal,
): Promise<Answer | null> {
  const caller = callerOf(request);
  const headers = { 'content-location': `/v1/jobs/${id}`, 'preference-applied': `wait=${seconds}` };
  try {
    const job = await engine.waitForEnd(caller, id, seconds * 1000, signal);
    if (!hasEnded(job.state)) return null;
    const result = job.state === 'succeeded' ? await engine.result(caller, id) : await engine.partialResult(job);
    return jsonAnswer(200, jobJson(job, notYetKnown, result ?? undefined), headers);
  } catch {
    // The job is durable: whatever keeps us from waiting for it (it was deleted, the store is busy), its 202 stands.
    return null;
  }
}

function describe({ source, options, settings }: JobRequest): Json {
  const from =
    source !== null && 'input' in source
      ? { sha256: source.input.blob.sha256, name: source.input.name, mediaType: source.input.mediaType }
      : source === null
        ? null
        : { ...source };
  return { source: from, options, settings: { ...settings } };
}

function submitConfig({ accepts, contract }: Service): FastifyContextConfig {
  const problems: readonly ErrorCode[] = ['not-found', 'queue-full', 'quota-exceeded'];
  if (accepts.length === 0) return { problems };
  return {
    problems: [...problems, 'job-not-finished', 'job-failed', 'job-canceled', 'result-expired', 'source-not-allowed'],
    readsQuery: rawQuery(contract.options),
  };
}

/** What may stand in the query where the body is the bytes of the source. */
function rawQuery(options: TSchema): object {
  const {
    labels: { patternProperties: labels = {} },
    ...settings
  } = JobSettings.properties;
  return {
    properties: { name: FileName, ...settings, ...Object(options).properties },
    patternProperties: Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`^label\\.${key.replace(/^\^/, '')}`, value]),
    ),
  };
}

function submitSchema({ name, title, summary, accepts, contract }: Service): object {
  const settings = JobSettings.properties;
  const document = {
    type: 'object',
    ...(accepts.length === 0 ? {} : { required: ['source'] }),
    properties: {
      ...(accepts.length === 0 ? {} : { source: JobSourceRequest }),
      options: asRequested(contract.options),
      ...settings,
    },
    additionalProperties: false,
  };
  const form = {
    type: 'object',
    description: 'The file, and beside it either a part `request` (the JSON document without `source`) or one part an option.',
    required: ['file'],
    properties: {
      file: { type: 'string', format: 'binary' },
      request: {
        type: 'object',
        properties: { options: asRequested(contract.options), ...settings },
        additionalProperties: false,
      },
    },
  };
  const raw = Object.fromEntries(accepts.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));
  return {
    operationId: `submit-${name}`,
    summary: `${title}: hand in a job`,
    description: `${summary}\n\nA source is given as JSON, as a form, or as its bytes (or base64 text of them) with the options in the query.`,
    tags: ['services'],
    headers: {
      type: 'object',
      properties: {
        prefer: {
          type: 'string',
          description: `\`wait=N\`: answer with the finished job if it is done within N seconds (at most ${limits.waitSecondsMax}).`,
        },
        'idempotency-key': idempotencyHeader.properties['idempotency-key'],
      },
    },
    body: {
      content: {
        'application/json': { schema: document },
        ...(accepts.length === 0 ? {} : { 'multipart/form-data': { schema: form }, ...raw }),
      },
    },
    response: {
      200: json(
        'With `Prefer: wait`: the finished job, with its `result` if it has one.',
        {
          allOf: [ref('Job'), { type: 'object', properties: { result: contract.result } }],
        },
        {
          'Content-Location': header('The job.', path),
          'Preference-Applied': header('How long was waited at most.', { type: 'string', pattern: '^wait=\\d+$' }),
        },
      ),
      202: json('The job is stored and will be worked on.', ref('Job'), acceptedHeaders),
    },
  };
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ActionFilter, ActionRequest, type ActionView } from '../../contracts/action.ts';
import { ServiceError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ActionTarget, JobAction } from '../../ports/job-actions.ts';
import type { Answer } from '../../ports/job-store.ts';
import { jsonAnswer } from '../answer.ts';
import { postOnce } from '../idempotency.ts';
import { contentTypeOf, type IntakeParts, readJsonObject, refuseQuery } from '../intake/read-job-request.ts';
import { header, idempotencyHeader, idParams, json, path, ref, seconds } from '../openapi-schemas.ts';
import { readTime } from '../read-time.ts';
import { callerOf } from '../request-context.ts';
import { compileStrict, invalidFields } from '../validation.ts';
import { type IdParams, pathId } from './path-id.ts';

const tags = ['jobs'];
const checkRequest = compileStrict(ActionRequest);

interface Asked {
  readonly action: ActionRequest['action'];
  readonly target: ActionTarget;
}

/** Something that is to be done to many jobs: taken at once, carried out as work of its own, watched by its id. */
export function actionRoutes(parts: Omit<IntakeParts, 'uploadBytesMax'>): (app: FastifyInstance) => void {
  const { engine } = parts;
  return (app) => {
    app.post('/v1/jobs/actions', { schema: startSchema }, (request, reply) =>
      postOnce(parts, request, reply, {
        read: () => readAction(parts, request),
        describe: ({ action, target }) => ({ action, ...describable(target) }),
        async act(asked, keep) {
          const { traceId } = request;
          const answer = keep === null ? {} : { answer: (next: JobAction) => keep.record(startedAnswer(next)) };
          return startedAnswer(await engine.startAction({ caller: callerOf(request), ...asked, traceId, ...answer }));
        },
      }),
    );

    app.get<IdParams>('/v1/jobs/actions/:id', { schema: readSchema }, async (request) =>
      actionView(await engine.action(callerOf(request), pathId(request.params, 'action'))),
    );
  };
}

async function readAction(parts: Pick<IntakeParts, 'clock' | 'held'>, request: FastifyRequest): Promise<Asked> {
  refuseQuery(request);
  if (contentTypeOf(request) !== 'application/json')
    throw new ServiceError('unsupported-media-type', 'An action is asked for as application/json.');
  const document = await readJsonObject(parts, request);
  checkRequest(document);
  // Checked against the schema of this type just now.
  const { action, ids, filter } = document as unknown as ActionRequest;
  if (ids !== undefined && filter === undefined)
    return { action, target: { ids: [...new Set(ids.map((id) => id.toLowerCase()))] } };
  if (filter !== undefined && ids === undefined) return { action, target: { filter: withTimes(filter) } };
  throw invalidFields([{ pointer: '#', detail: 'must have either ids or filter' }]);
}

function withTimes({ createdAfter, createdBefore, ...filter }: ActionFilter) {
  return {
    ...filter,
    ...(createdAfter === undefined ? {} : { createdAfter: readTime(createdAfter, 'filter/createdAfter') }),
    ...(createdBefore === undefined ? {} : { createdBefore: readTime(createdBefore, 'filter/createdBefore') }),
  };
}

function describable(target: ActionTarget): JsonObject {
  return 'ids' in target ? { ids: [...target.ids] } : { filter: { ...target.filter, labels: { ...target.filter.labels } } };
}

function startedAnswer(action: JobAction): Answer {
  return jsonAnswer(202, JSON.stringify(actionView(action)), { location: `/v1/jobs/actions/${action.id}`, 'retry-after': '1' });
}

function actionView({ id, action, counts, createdAt, finishedAt }: JobAction): ActionView {
  return {
    id,
    action,
    state: finishedAt === null ? 'running' : 'done',
    counts: { ...counts },
    createdAt: new Date(createdAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    links: { self: `/v1/jobs/actions/${id}` },
  };
}

const startSchema = {
  operationId: 'actOnJobs',
  summary: 'Cancel, retry or delete many jobs',
  description:
    'By their ids or by a filter. It is done as work of its own, which a restart does not end; `Location` tells how far it is.',
  tags,
  headers: idempotencyHeader,
  body: { content: { 'application/json': { schema: ref('ActionRequest') } } },
  response: {
    202: json('It is noted and will be done.', ref('Action'), {
      Location: header('Where to see how far it is.', path),
      'Retry-After': header('Seconds.', seconds),
    }),
  },
};

const readSchema = {
  operationId: 'getAction',
  summary: 'How far an action on many jobs is',
  tags,
  params: idParams,
  response: { 200: json('The action.', ref('Action')) },
};

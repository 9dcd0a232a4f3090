import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobState } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Engine, ListFilter } from '../../engine/engine.ts';
import { listCursor, listPosition } from '../cursor.ts';
import { jobJson, notYetKnown } from '../job-view.ts';
import { readTime } from '../read-time.ts';
import { callerOf } from '../request-context.ts';
import { invalidFields } from '../validation.ts';

/** As the schema of the route has checked it: `label.KEY` members besides. */
interface ListQuery {
  readonly service?: string;
  readonly state?: JobState;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** One page of jobs, newest first; the cursor of the next page is good for the same caller and filter only. */
export async function listJobs(engine: Engine, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  // Checked by the schema of the route.
  const query = request.query as ListQuery;
  const { service, state, createdAfter, createdBefore, limit = limits.pageDefault, cursor } = query;
  const labels = Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      name.startsWith('label.') ? [[name.slice('label.'.length), String(value)]] : [],
    ),
  );
  if (Object.keys(labels).length > limits.labelsMax) {
    throw invalidFields([{ pointer: '#', detail: `must NOT have more than ${limits.labelsMax} labels` }]);
  }
  const filter: ListFilter = {
    caller: callerOf(request),
    ...(service === undefined ? {} : { service }),
    ...(state === undefined ? {} : { state }),
    ...(createdAfter === undefined ? {} : { createdAfter: readTime(createdAfter, 'createdAfter') }),
    ...(createdBefore === undefined ? {} : { createdBefore: readTime(createdBefore, 'createdBefore') }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const mark: JsonObject = {
    caller: filter.caller,
    service: service ?? null,
    state: state ?? null,
    labels,
    times: [filter.createdAfter ?? null, filter.createdBefore ?? null],
  };
  const before = cursor === undefined ? undefined : listPosition(cursor, mark);
  // One more than asked for tells whether there is another page.
  const jobs = await engine.list(filter, limit + 1, before);
  const page = jobs.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = jobs.length > limit && last !== undefined ? listCursor(last.id, mark) : null;
  const items = await Promise.all(
    page.map(async (job) => jobJson(job, job.state === 'queued' ? await engine.waiting(job) : notYetKnown)),
  );
  if (nextCursor !== null) reply.header('link', `<${nextUrl(query, limit, nextCursor)}>; rel="next"`);
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(`{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`);
}

function nextUrl(query: ListQuery, limit: number, cursor: string): string {
  const parameters = new URLSearchParams({
    ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    limit: String(limit),
    cursor,
  });
  return `/v1/jobs?${parameters}`;
}

import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { JobProgressEvent } from '../contracts/job-events.ts';
import type { Clock } from '../core/clock.ts';
import { ServiceError } from '../core/errors.ts';
import type { JobEvent } from '../core/events.ts';
import type { Job, Progress } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { Engine } from '../engine/engine.ts';
import { eventView } from './event-view.ts';

/** Bytes that may wait for a reader; a slower one is cut off, and can resume behind the last event it got. */
const bufferBytesMax = 256 * 1024;
const retryMs = 2_000;

export interface Following {
  readonly job: Job;
  readonly caller: string;
  /** The first events behind `after`. */
  readonly first: readonly JobEvent[];
  readonly after: number | undefined;
  readonly signal: AbortSignal;
}

const ending = new Set(['job.succeeded', 'job.failed', 'job.canceled']);

/**
 * Writes the history of a job and what happens to it as server-sent events, until the job has ended or is removed, the
 * client goes, or the server stops. A notice only says that there may be something to read: the log is what is told.
 */
export async function followJob(
  parts: { engine: Engine; clock: Clock },
  reply: FastifyReply,
  following: Following,
): Promise<void> {
  const { engine, clock } = parts;
  const { job, caller, signal } = following;
  const stream = openStream(reply);
  let position = following.after;
  let unread: readonly JobEvent[] | null = following.first;
  let progress: Progress | null = job.state === 'running' ? job.progress : null;
  let ended = false;
  let removed = false;
  let changed = true;
  let wake = () => {};

  /** Writes what the log has behind the last event told. */
  async function tellHistory(): Promise<void> {
    changed = false;
    let page = unread ?? (await engine.events(caller, job.id, position));
    unread = null;
    for (; page.length > 0; page = await engine.events(caller, job.id, position)) {
      for (const event of page) {
        stream.write(eventText(event));
        ended = ending.has(event.type);
        position = event.position;
      }
    }
  }

  const unsubscribe = engine.subscribe(job.id, (notice) => {
    if (notice.kind === 'progress') progress = notice.progress;
    else if (notice.kind === 'removed') removed = true;
    else changed = true;
    wake();
  });
  const beat = () => {
    stream.write(': still here\n\n');
    // A notice may have been lost.
    changed = true;
    wake();
    clearBeat = clock.after(limits.sseHeartbeatMs, beat);
  };
  let clearBeat = clock.after(limits.sseHeartbeatMs, beat);
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted && !removed && !ended) {
      if (changed) {
        await tellHistory();
      } else if (progress !== null) {
        if (!stream.congested()) stream.write(progressText(job.id, progress));
        progress = null;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } catch (error) {
    // The job was removed between two reads.
    if (!(error instanceof ServiceError && error.code === 'not-found')) throw error;
  } finally {
    unsubscribe();
    clearBeat();
    stream.end();
  }
}

interface EventStream {
  write(text: string): void;
  congested(): boolean;
  end(): void;
}

function openStream(reply: FastifyReply): EventStream {
  const response = beginEventStream(reply);
  return {
    write(text) {
      if (response.destroyed) return;
      response.write(text);
      if (response.writableLength > bufferBytesMax) response.destroy();
    },
    congested: () => response.writableNeedDrain,
    end: () => void response.end(),
  };
}

/** Sends the head of a stream of server-sent events. */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  const response: ServerResponse = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${retryMs}\n\n`);
  return response;
}

function eventText(event: JobEvent): string {
  const view = eventView(event);
  return `id: ${view.id}\nevent: ${view.type}\ndata: ${JSON.stringify(view)}\n\n`;
}

function progressText(job: string, { fraction, message }: Progress): string {
  const view: JobProgressEvent = { type: 'job.progress', job, data: { fraction, message } };
  return `event: job.progress\ndata: ${JSON.stringify(view)}\n\n`;
}

import { formatDuration } from '../core/durations.ts';
import type { Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { Waiting } from './engine.ts';
import type { EngineParts } from './parts.ts';

const refreshMs = 1_000;

interface Line {
  readonly positions: ReadonlyMap<string, number>;
  readonly paused: boolean;
  readonly running: number;
}

/**
 * Says where a queued job stands and what it waits for. One look at the store a second and service serves every reader,
 * so that a thousand clients that poll cost no more than one.
 */
export function createWaitingLine({
  store,
  clock,
  lanes,
}: Pick<EngineParts, 'store' | 'clock' | 'lanes'>): (job: Job) => Promise<Waiting> {
  const lines = new Map<string, { readAt: number; line: Promise<Line> }>();
  const laneOf = new Map(lanes.map((lane) => [lane.service, lane]));

  async function read(service: string): Promise<Line> {
    const [ids, queues] = await Promise.all([store.line(service, limits.queuePositionMax), store.queues()]);
    const queue = queues.find((each) => each.service === service);
    const positions = new Map(ids.map((id, index) => [id, index + 1]));
    return { positions, paused: queue?.paused ?? false, running: queue?.counts.running ?? 0 };
  }

  function currentLine(service: string): Promise<Line> {
    const known = lines.get(service);
    if (known !== undefined && clock.now() - known.readAt < refreshMs) return known.line;
    const line = read(service);
    lines.set(service, { readAt: clock.now(), line });
    line.catch(() => lines.delete(service));
    return line;
  }

  function reason(job: Job, { paused, running }: Line): string {
    const lane = laneOf.get(job.service);
    if (paused) return `waits because the queue ${job.service} is paused`;
    if (lane?.concurrency != null && running >= lane.concurrency)
      return `waits for its turn: ${lane.concurrency} at once is the limit`;
    if (lane?.rate != null)
      return `waits for its turn: the rate limit is ${lane.rate.limit} in ${formatDuration(lane.rate.perMs)}`;
    return 'waits for its turn';
  }

  return async (job) => {
    if (job.state !== 'queued') return { position: null, message: null };
    if (job.runAt > store.now()) return { position: null, message: `waits for its time, ${new Date(job.runAt).toISOString()}` };
    const current = await currentLine(job.service);
    return { position: current.positions.get(job.id) ?? null, message: reason(job, current) };
  };
}

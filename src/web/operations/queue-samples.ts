import type { QueueView } from '../../client/client.ts';

/** How much of the past the charts show. */
export const spanMs = 600_000;
/** A look that took longer than this leaves a gap in the line. */
const gapMs = 10_000;

export interface QueueSample {
  readonly at: number;
  /** By service; null where the server did not answer. */
  readonly queues: Readonly<Record<string, QueueView>> | null;
}

/** What was seen of the queues in the last ten minutes: kept for as long as the page lives, also while another one is shown. */
let samples: readonly QueueSample[] = [];

export function takeSample(at: number, queues: readonly QueueView[] | null): readonly QueueSample[] {
  const last = samples.at(-1);
  const gap = last !== undefined && at - last.at > gapMs ? [{ at: last.at + 1, queues: null }] : [];
  const sample = { at, queues: queues === null ? null : Object.fromEntries(queues.map((queue) => [queue.service, queue])) };
  samples = [...samples.filter((each) => each.at > at - spanMs), ...gap, sample];
  return samples;
}

export function pastSamples(): readonly QueueSample[] {
  return samples;
}

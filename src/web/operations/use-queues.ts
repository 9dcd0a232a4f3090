import type { QueueView } from '../../client/client.ts';
import { pollingClient, usePolled } from '../use-polled.ts';
import { pastSamples, type QueueSample, takeSample } from './queue-samples.ts';

const everyMs = 2_000;

export interface Queues {
  readonly queues: readonly QueueView[] | null;
  readonly samples: readonly QueueSample[];
  readonly error: unknown;
  reload(): void;
}

/** The queues as they are, and as they were while this page looked. */
export function useQueues(): Queues {
  const { value, error, reload } = usePolled(async (signal) => {
    try {
      const queues = await pollingClient.queues({ signal });
      return { queues, samples: takeSample(Date.now(), queues) };
    } catch (problem) {
      if (!signal.aborted) takeSample(Date.now(), null);
      throw problem;
    }
  }, everyMs);
  return { queues: value?.queues ?? null, samples: value?.samples ?? pastSamples(), error, reload };
}

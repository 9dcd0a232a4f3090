import { api } from '../api.ts';
import { useLoaded } from '../use-loaded.ts';
import { addressOf, type JobFilter } from './job-filter.ts';

/** How many jobs match; null where the server would have to look through all of them to tell. */
export function useMatchingCount(filter: JobFilter): { readonly count: number | null; reload(): void } {
  const { service, state, labels, createdAfter, createdBefore } = filter;
  const isCounted = labels === undefined && createdAfter === undefined && createdBefore === undefined;
  const loaded = useLoaded(
    async (signal) => {
      if (!isCounted) return null;
      const queues = (await api.queues({ signal })).filter((queue) => service === undefined || queue.service === service);
      return queues
        .flatMap(({ counts }) => (state === undefined ? Object.values(counts) : [counts[state]]))
        .reduce((sum, count) => sum + count, 0);
    },
    [addressOf(filter)],
  );
  return { count: loaded.value, reload: loaded.reload };
}

import { useState } from 'preact/hooks';
import type { SubmitRequest } from '../client/client.ts';
import type { ResultProps } from './service-page.ts';

export interface FurtherJob {
  readonly isBusy: boolean;
  /** Why the last one was not taken; null where it was. */
  readonly error: unknown;
  /** Hands in a job and leads to its page. */
  handIn(request: SubmitRequest): Promise<void>;
}

/** One click that makes another job of the same source: what the page of a result needs for it. */
export function useFurtherJob({ client, open }: Pick<ResultProps<unknown>, 'client' | 'open'>): FurtherJob {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  return {
    isBusy,
    error,
    async handIn(request) {
      setBusy(true);
      setError(null);
      try {
        open((await client.submit(request)).id);
      } catch (thrown) {
        setError(thrown);
      }
      setBusy(false);
    },
  };
}

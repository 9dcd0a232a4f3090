import { ArrowRight } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../../ui/button.tsx';
import { ErrorNotice } from '../../../ui/notice.tsx';
import type { ResultProps } from '../../../ui/service-page.ts';
import { useFurtherJob } from '../../../ui/use-further-job.ts';
import type { Result } from '../contract.ts';
import { type NextStep, nextSteps } from './next-steps.ts';

/** What to do next with a picture of this kind: one click hands the same file to that service. */
export function NextStepButtons({ job, result, client, open }: ResultProps<Result>): JSX.Element | null {
  const { isBusy, error, handIn } = useFurtherJob({ client, open });
  const mediaType = job.source?.mediaType ?? null;
  const file = job.source?.file ?? null;
  const takers = useTakers(client, mediaType);
  const steps = nextSteps(result).filter(({ service }) => takers.has(service));
  if (file === null || steps.length === 0) return null;
  const go = ({ service }: NextStep) => handIn({ service, source: { file }, labels: job.labels });
  return (
    <div class="classification-result-next">
      {steps.map((step, at) => (
        <Button
          key={step.service}
          icon={ArrowRight}
          kind={at === 0 ? 'main' : 'plain'}
          disabled={isBusy}
          onClick={() => go(step)}
        >
          {step.words}
        </Button>
      ))}
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}

/** The services that take files of this type. None while it is not known, or where it cannot be asked: then nothing is offered. */
function useTakers(client: ResultProps<Result>['client'], mediaType: string | null): ReadonlySet<string> {
  const [takers, setTakers] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const leaving = new AbortController();
    client.services({ signal: leaving.signal }).then(
      (services) => {
        const taking = services.filter(({ accepts }) => mediaType !== null && accepts.includes(mediaType));
        setTakers(new Set(taking.map(({ name }) => name)));
      },
      () => setTakers(new Set()),
    );
    return () => leaving.abort();
  }, [client, mediaType]);
  return takers;
}

import { FilePlus } from 'lucide';
import type { JSX } from 'preact';
import { Button } from '../../../ui/button.tsx';
import { ErrorNotice } from '../../../ui/notice.tsx';
import type { ResultProps } from '../../../ui/service-page.ts';
import { useFurtherJob } from '../../../ui/use-further-job.ts';
import type { Output, Result } from '../contract.ts';
import './more-outputs.css';
import { outputNames } from './output-names.ts';

const all: readonly Output[] = ['pdf', 'hocr', 'tsv', 'words'];

/** Outputs that were not asked for: a further job on the same source makes them, and is shown instead. */
export function MoreOutputs({ job, client, open }: ResultProps<Result>): JSX.Element | null {
  const { isBusy, error, handIn } = useFurtherJob({ client, open });
  const file = job.source?.file ?? null;
  const asked = outputsOf(job.options);
  const missing = all.filter((output) => !asked.includes(output));
  if (file === null || missing.length === 0) return null;

  const make = (source: { file: string }, output: Output) => {
    const options = { ...job.options, outputs: [...asked, output] };
    return handIn({ service: job.service, source, options, labels: job.labels });
  };

  return (
    <div class="more-outputs">
      <span class="more-outputs-words">Hand the file in again for</span>
      {missing.map((output) => (
        <Button key={output} icon={FilePlus} disabled={isBusy} onClick={() => make({ file }, output)}>
          {outputNames[output]}
        </Button>
      ))}
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}

function outputsOf({ outputs }: ResultProps<Result>['job']['options']): string[] {
  return Array.isArray(outputs) ? outputs.map(String) : ['text', 'words'];
}

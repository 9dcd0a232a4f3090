import { Download, FilePlus } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { ErrorNotice } from '../../../ui/notice.tsx';
import { saveText } from '../../../ui/save-text.ts';
import { fileUrl, type ResultProps } from '../../../ui/service-page.ts';
import type { Output, Result } from '../contract.ts';

const names: Readonly<Record<Output, string>> = {
  text: 'Text',
  words: 'Words',
  hocr: 'hOCR',
  tsv: 'TSV',
  pdf: 'Searchable PDF',
};
const fileOutputs = ['pdf', 'hocr', 'tsv'] as const;

/** The text as files; what was not asked for is made by a further job on the same source. */
export function Downloads({ job, result, client, open, text }: ResultProps<Result> & { text: string }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const file = job.source?.file ?? null;
  const has = outputsOf(job.options);
  const lacking = fileOutputs.filter((output) => !result.files.some((made) => made.output === output));

  async function make(output: Output): Promise<void> {
    if (file === null) return;
    setBusy(true);
    setError(null);
    try {
      const options = { ...job.options, outputs: [...has, output] };
      open((await client.submit({ service: job.service, source: { file }, options, labels: job.labels })).id);
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  }

  return (
    <>
      {text !== '' && (
        <Button icon={Download} onClick={() => saveText(`${stemOf(job.source?.name)}.txt`, 'text/plain', text)}>
          Text
        </Button>
      )}
      {result.files.map((made) => (
        <LinkButton key={made.file} icon={Download} href={fileUrl(made.file)} download>
          {names[made.output]}
        </LinkButton>
      ))}
      {file !== null &&
        [...lacking, ...(has.includes('words') ? [] : (['words'] as const))].map((output) => (
          <Button key={output} kind="quiet" icon={FilePlus} disabled={isBusy} onClick={() => make(output)}>
            Make {names[output]}
          </Button>
        ))}
      {error !== null && <ErrorNotice error={error} />}
    </>
  );
}

function outputsOf({ outputs }: ResultProps<Result>['job']['options']): string[] {
  return Array.isArray(outputs) ? outputs.map(String) : ['text', 'words'];
}

function stemOf(name: string | null | undefined): string {
  return name?.replace(/\.[^.]+$/, '') || 'text';
}

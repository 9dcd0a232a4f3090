import { Download } from 'lucide';
import type { JSX } from 'preact';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { saveText } from '../../../ui/save-text.ts';
import { fileUrl, type ResultProps } from '../../../ui/service-page.ts';
import type { Result } from '../contract.ts';
import { outputNames } from './output-names.ts';

/** What was read as files. */
export function Downloads({ job, result, text }: { text: string } & Pick<ResultProps<Result>, 'job' | 'result'>): JSX.Element {
  return (
    <>
      {text !== '' && (
        <Button icon={Download} onClick={() => saveText(`${stemOf(job.source?.name)}.txt`, 'text/plain', text)}>
          {outputNames.text}
        </Button>
      )}
      {result.files.map((made) => (
        <LinkButton key={made.file} icon={Download} href={fileUrl(made.file)} download>
          {outputNames[made.output]}
        </LinkButton>
      ))}
    </>
  );
}

function stemOf(name: string | null | undefined): string {
  return name?.replace(/\.[^.]+$/, '') || 'text';
}

import { Download } from 'lucide';
import type { JSX } from 'preact';
import type { JobView } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { formatBytes } from '../../ui/format.ts';
import { saveText } from '../../ui/save-text.ts';
import { cutText } from './cut-text.ts';
import './job-json.css';

/** The result and the job as programs get them. */
export function JobJson({ job, known }: { job: JobView; known: { readonly result: unknown } | null }): JSX.Element {
  return (
    <div class="job-json">
      {known !== null && <Json title="Result" name={`result-${job.id}.json`} value={known.result} />}
      <Json title="Job" name={`job-${job.id}.json`} value={job} />
    </div>
  );
}

function Json({ title, name, value }: { title: string; name: string; value: unknown }): JSX.Element {
  const whole = JSON.stringify(value, null, 2);
  const { text, isCut } = cutText(whole);
  const save = (
    <Button kind="quiet" icon={Download} onClick={() => saveText(name, 'application/json', whole)}>
      Download
    </Button>
  );
  return (
    <section class="job-json-part">
      <h2>{title}</h2>
      <CodeBlock label={`${title} as JSON`} text={text} whole={whole} actions={save} />
      {isCut && (
        <p class="job-json-note">This is the beginning of {formatBytes(whole.length)}. Copy and download give all of it.</p>
      )}
    </section>
  );
}

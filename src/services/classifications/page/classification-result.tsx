import { FileImage } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatShare } from '../../../ui/format.ts';
import { Icon } from '../../../ui/icon.tsx';
import { fileUrl, type ResultProps } from '../../../ui/service-page.ts';
import type { Result } from '../contract.ts';
import './classification-result.css';
import { NextStepButtons } from './next-step-buttons.tsx';

/** The labels as bars, beside the picture. */
export function ClassificationResult(props: ResultProps<Result>): JSX.Element {
  const { job, result } = props;
  const file = job.source?.file ?? null;
  return (
    <div class="classification-result">
      <figure class="classification-result-picture">
        <Picture file={file} />
      </figure>
      <section aria-label="Labels">
        <h2 class="classification-result-title">{result.labels[0]?.label ?? 'No label'}</h2>
        <p class="classification-result-model">{`Model ${result.model}`}</p>
        <NextStepButtons {...props} />
        <ol class="classification-result-labels">
          {result.labels.map((label) => (
            <Bar key={label.index} label={label} />
          ))}
        </ol>
      </section>
    </div>
  );
}

function Bar({ label: { label, score } }: { label: Result['labels'][number] }): JSX.Element {
  return (
    <li class="classification-result-label">
      <span class="classification-result-words">
        <span>{label}</span>
        <span class="classification-result-score">{formatShare(score)}</span>
      </span>
      <span class="classification-result-track" aria-hidden="true">
        <span class="classification-result-bar" style={{ width: `${score * 100}%` }} />
      </span>
    </li>
  );
}

function Picture({ file }: { file: string | null }): JSX.Element {
  const [isUnseen, setUnseen] = useState(file === null);
  if (file === null || isUnseen)
    return (
      <div class="classification-result-unseen">
        <Icon node={FileImage} size={36} />
        Browsers do not show this kind of file in place.
      </div>
    );
  return <img src={fileUrl(file)} alt="What was handed in" onError={() => setUnseen(true)} />;
}

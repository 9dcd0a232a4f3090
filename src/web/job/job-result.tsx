import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { type JobView, ProblemError } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { ErrorNotice, Notice } from '../../ui/notice.tsx';
import { api } from '../api.ts';
import { servicePages } from '../service-pages.ts';
import { useLoaded } from '../use-loaded.ts';
import { cutText } from './cut-text.ts';
import './job-result.css';

interface JobResultProps {
  readonly job: JobView;
  /** Null until it has come. */
  readonly known: { readonly result: unknown } | null;
  readonly error: unknown;
  retry(): void;
}

/** The result as its service shows it. */
export function JobResult({ job, known, error, retry }: JobResultProps): JSX.Element {
  const { route } = useLocation();
  const page = useLoaded(async () => (await servicePages.get(job.service)?.()) ?? 'none', [job.service]);
  if (known === null && error !== null) return <ResultError error={error} retry={retry} />;
  if (page.error !== null) return <PageError retry={page.reload} />;
  if (known === null || page.value === null) return <div class="job-result-skeleton" role="status" aria-label="Loading" />;
  if (page.value === 'none') {
    const whole = JSON.stringify(known.result, null, 2);
    return <CodeBlock label="Result" text={cutText(whole).text} whole={whole} />;
  }
  const { Result } = page.value;
  return (
    // The server checks results against the contract of the service, from which the type in its page is made.
    <Result job={job} result={known.result as never} client={api} open={(id) => route(`/jobs/${id}`)} />
  );
}

function ResultError({ error, retry }: { error: unknown; retry(): void }): JSX.Element {
  if (error instanceof ProblemError && error.slug === 'result-expired') {
    return (
      <Notice kind="warn" title="The result is no longer kept">
        <span>Results are kept for a limited time, and this one is past it. Hand the file in again to get it anew.</span>
        <a href="/">Hand in a file</a>
      </Notice>
    );
  }
  return (
    <ErrorNotice error={error}>
      <Button onClick={retry}>Load again</Button>
    </ErrorNotice>
  );
}

function PageError({ retry }: { retry(): void }): JSX.Element {
  return (
    <Notice kind="bad" title="This part of the page did not load">
      <span>The server may have been updated since the page was opened. Load it again, or reload the whole page.</span>
      <Button onClick={retry}>Load again</Button>
    </Notice>
  );
}

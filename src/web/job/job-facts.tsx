import { Download } from 'lucide';
import type { ComponentChildren, JSX } from 'preact';
import type { JobView, ServiceView } from '../../client/client.ts';
import { LinkButton } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { formatBytes, formatMoment } from '../../ui/format.ts';
import { Ago } from '../../ui/moment.tsx';
import { Panel } from '../../ui/panel.tsx';
import { fileUrl } from '../../ui/service-page.ts';
import './job-facts.css';
import { JobOptions } from './job-options.tsx';

/** What the job was asked for, and how long it is kept. */
export function JobFacts({ job, service }: { job: JobView; service: ServiceView | null }): JSX.Element {
  const labels = Object.entries(job.labels);
  const file = job.source?.file ?? null;
  return (
    <Panel
      title="Details"
      actions={
        file !== null && (
          <LinkButton kind="quiet" icon={Download} href={fileUrl(file)} download={job.source?.name ?? true}>
            Original file
          </LinkButton>
        )
      }
    >
      <dl class="job-facts">
        {job.source !== null && (
          <Fact name="File">
            <SourceWords source={job.source} />
          </Fact>
        )}
        <Fact name="Options">
          <JobOptions options={job.options} service={service} />
        </Fact>
        {labels.length > 0 && (
          <Fact name="Labels">
            <span class="job-facts-chips">
              {labels.map(([name, value]) => (
                <span key={name} class="job-facts-chip">{`${name}: ${value}`}</span>
              ))}
            </span>
          </Fact>
        )}
        <Fact name="Handed in">{formatMoment(job.createdAt)}</Fact>
        {job.finishedAt !== null && <Fact name="Ended">{formatMoment(job.finishedAt)}</Fact>}
        {job.deadline !== null && <Fact name="To be done by">{formatMoment(job.deadline)}</Fact>}
        <Fact name="Kept until">
          {formatMoment(job.expiresAt)} (<Ago at={job.expiresAt} />)
        </Fact>
        <Fact name="Attempts">{`${job.attempt === 0 ? 'None' : job.attempt} of at most ${job.maxAttempts}`}</Fact>
        {job.priority !== 0 && <Fact name="Priority">{job.priority}</Fact>}
        <Fact name="Id">
          <span class="job-facts-id">
            <code>{job.id}</code>
            <CopyButton text={() => job.id} />
          </span>
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="job-facts-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function SourceWords({ source }: { source: NonNullable<JobView['source']> }): JSX.Element {
  const { url, name, mediaType, bytes } = source;
  const words = [name, mediaType, bytes === null ? null : formatBytes(bytes)].filter((word) => word !== null);
  return (
    <>
      {words.join(' · ')}
      {url !== undefined && (
        <>
          {words.length > 0 && ' · from '}
          <a href={url} rel="noreferrer">
            {url}
          </a>
        </>
      )}
    </>
  );
}

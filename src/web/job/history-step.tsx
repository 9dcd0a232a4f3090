import type { JSX } from 'preact';
import type { JobEventView } from '../../client/client.ts';
import { formatDuration, formatMoment, formatTime } from '../../ui/format.ts';
import { Elapsed, now } from '../../ui/moment.tsx';
import { Prose } from '../../ui/prose.tsx';
import type { Attempt, Happening, Step } from './timeline.ts';

export function HistoryStep({ step }: { step: Step }): JSX.Element {
  return (
    <li class={`job-history-step job-history-${toneOf(step)}`}>
      {step.kind === 'attempt' ? <AttemptStep step={step} /> : <HappeningStep step={step} />}
    </li>
  );
}

function AttemptStep({ step: { started, ended, waitedMs } }: { step: Attempt & Step }): JSX.Element {
  const attempt = started.data.attempt;
  const worker = textIn(started.data.worker);
  return (
    <div class="job-history-body">
      <Line title={`Attempt ${typeof attempt === 'number' ? attempt : ''}`} at={started.at} afterMs={waitedMs} />
      {worker !== null && (
        <p class="job-history-note">
          By worker <code>{worker}</code>
        </p>
      )}
      {ended === null ? (
        <p>
          Running for <Elapsed from={started.at} to={null} />
        </p>
      ) : (
        <>
          <Line title={endings[ended.type] ?? ended.type} at={ended.at} afterMs={Date.parse(ended.at) - Date.parse(started.at)} />
          <Reasons event={ended} />
        </>
      )}
    </div>
  );
}

function HappeningStep({ step: { event, waitedMs } }: { step: Happening & Step }): JSX.Element {
  const isAgain = event.type === 'job.queued' && textIn(event.data.reason) !== null;
  const title = isAgain ? 'Handed in again' : (happenings[event.type] ?? event.type);
  return (
    <div class="job-history-body">
      <Line title={title} at={event.at} afterMs={waitedMs} />
      {!isAgain && <Reasons event={event} />}
    </div>
  );
}

function Line({ title, at, afterMs }: { title: string; at: string; afterMs: number | null }): JSX.Element {
  return (
    <p class="job-history-line">
      <strong>{title}</strong>
      {afterMs !== null && <span>after {formatDuration(afterMs)}</span>}
      <time dateTime={at} title={formatMoment(at)}>
        {formatTime(at, now.value)}
      </time>
    </p>
  );
}

/** Why an attempt ended as it did, and when the next one begins. */
function Reasons({ event: { type, data } }: { event: JobEventView }): JSX.Element {
  const reason = textIn(data.reason);
  const error = errorIn(data.error);
  const runAt = textIn(data.runAt);
  return (
    <>
      {reason !== null && <p class="job-history-note">Because: {reason}</p>}
      {error !== null && (
        <p class="job-history-note">
          {error.title}. <Prose text={error.detail} />
        </p>
      )}
      {runAt !== null && (
        <p class="job-history-note">
          {type === 'job.queued' ? 'To start' : 'The next attempt starts'} at {formatMoment(runAt)} at the earliest
        </p>
      )}
    </>
  );
}

const endings: Readonly<Record<string, string>> = {
  'job.succeeded': 'Done',
  'job.failed': 'Failed',
  'job.canceled': 'Canceled',
  'job.retrying': 'Did not succeed; tried again',
  'job.released': 'Handed back',
};

const happenings: Readonly<Record<string, string>> = {
  ...endings,
  'job.queued': 'Handed in',
  'job.succeeded': 'Done: the result was known already',
};

function toneOf(step: Step): 'good' | 'bad' | 'plain' | 'live' {
  if (step.kind === 'attempt' && step.ended === null) return 'live';
  const type = step.kind === 'attempt' ? step.ended?.type : step.event.type;
  if (type === 'job.succeeded') return 'good';
  return type === 'job.failed' || type === 'job.retrying' ? 'bad' : 'plain';
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function errorIn(value: unknown): { title: string; detail: string } | null {
  if (typeof value !== 'object' || value === null || !('title' in value) || !('detail' in value)) return null;
  return { title: String(value.title), detail: String(value.detail) };
}

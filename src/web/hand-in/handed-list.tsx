import { X } from 'lucide';
import type { JSX } from 'preact';
import { ProblemError } from '../../client/client.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { useNow } from '../../ui/moment.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { FileRow } from './file-row.tsx';
import { batchLabel, clear, clearSettled, type Handed, handed, mayPass, type Status, sendAgain, stopSending } from './handed.ts';
import './handed-list.css';

/** Nothing went through for so long: the reader should know that it is not the page. */
const silentMs = 5_000;
const wrongKind = 'unsupported-media-type';
const wrongKindWords = 'This is no file that the service takes, whatever its name says: it is of another kind, or damaged.';

/** What was handed in from here, each with how far it is. */
export function HandedList(): JSX.Element | null {
  const entries = handed.value;
  if (entries.length === 0) return null;
  const batch = entries.findLast(({ asked }) => batchLabel in asked.labels)?.asked.labels[batchLabel];
  const actions = (
    <>
      {batch !== undefined && (
        <LinkButton kind="quiet" href={`/jobs?label.${batchLabel}=${batch}`}>
          See all
        </LinkButton>
      )}
      <Button kind="quiet" onClick={clearSettled}>
        Clear
      </Button>
    </>
  );
  return (
    <Panel title="Handed in" actions={actions} bare>
      <ul class="handed-list">
        {entries.map((entry) => (
          <HandedRow key={entry.id} entry={entry} />
        ))}
      </ul>
    </Panel>
  );
}

function HandedRow({ entry }: { entry: Handed }): JSX.Element {
  const status = entry.status.value;
  const bad = status.kind === 'refused' || (status.kind === 'job' && status.state === 'failed');
  return <FileRow entry={entry} bad={bad} note={<Note entry={entry} status={status} />} actions={actionsOf(entry, status)} />;
}

function Note({ entry, status }: { entry: Handed; status: Status }): JSX.Element {
  switch (status.kind) {
    case 'waiting':
      return <>Waits for its turn</>;
    case 'sending':
      return <Sending name={entry.name} status={status} />;
    case 'stopped':
      return <>Not sent</>;
    case 'refused':
      return <>{reasonOf(status.error)}</>;
    case 'job':
      return (
        <div class="handed-list-job">
          <StateBadge state={status.state} />
          {status.state === 'running' && (
            <div class="handed-list-bar">
              <ProgressBar label={`Progress of ${entry.name}`} fraction={status.progress?.fraction ?? null} />
            </div>
          )}
          {status.error ?? status.progress?.message}
        </div>
      );
  }
}

function Sending({ name, status }: { name: string; status: Extract<Status, { kind: 'sending' }> }): JSX.Element {
  const now = useNow();
  const { sent, total, at, again } = status;
  const isSilent = now - at > silentMs && sent !== total;
  return (
    <div class="handed-list-sending">
      <ProgressBar label={`Sent of ${name}`} fraction={total === null ? null : sent / total} />
      <span>{isSilent ? 'Nothing gets through at the moment. Still trying …' : sentWords(sent, total, again)}</span>
    </div>
  );
}

function sentWords(sent: number, total: number | null, again: boolean): string {
  if (total === null) return 'Sending …';
  if (sent >= total) return 'Sent. The server is taking it in …';
  return `${again ? 'The connection was lost; sending again: ' : ''}${formatBytes(sent)} of ${formatBytes(total)}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof ProblemError) return error.slug === wrongKind ? wrongKindWords : error.detail;
  return 'The server cannot be reached. The file is still here: send it again when the connection is back.';
}

function actionsOf(entry: Handed, status: Status): JSX.Element {
  const remove = <Button kind="quiet" icon={X} label={`Remove ${entry.name}`} onClick={() => clear([entry])} />;
  switch (status.kind) {
    case 'waiting':
    case 'sending':
      return <Button kind="quiet" icon={X} label={`Do not send ${entry.name}`} onClick={() => stopSending(entry)} />;
    case 'stopped':
      return (
        <>
          <Button onClick={() => sendAgain(entry)}>Send</Button>
          {remove}
        </>
      );
    case 'refused':
      return (
        <>
          {mayPass(status.error) && <Button onClick={() => sendAgain(entry)}>Send again</Button>}
          {remove}
        </>
      );
    case 'job':
      return <LinkButton href={`/jobs/${status.id}`}>Open</LinkButton>;
  }
}

import { Ban, Pause, Play, RotateCw } from 'lucide';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { QueueView } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { Chart, type ChartPoint } from '../../ui/chart.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { toast } from '../../ui/toasts.tsx';
import { jobsText } from '../actions/action-words.ts';
import { startAction } from '../actions/started-actions.ts';
import { api } from '../api.ts';
import { addressOf } from '../jobs/job-filter.ts';
import { reasonOf } from '../reason-of.ts';
import './queue-panel.css';
import { type QueueSample, spanMs } from './queue-samples.ts';

interface QueuePanelProps {
  readonly title: string;
  readonly queue: QueueView;
  readonly samples: readonly QueueSample[];
  onChange(): void;
}

interface Figure {
  readonly name: string;
  readonly kind?: 'bad';
  read(queue: QueueView): number | null;
  write(value: number): string;
  /** Where the jobs are that it counts. */
  href?(queue: QueueView): string;
}

const figures: readonly Figure[] = [
  {
    name: 'Waiting',
    read: ({ counts }) => counts.queued,
    write: formatCount,
    href: ({ service }) => addressOf({ service, state: 'queued' }),
  },
  {
    name: 'Running',
    read: ({ counts }) => counts.running,
    write: formatCount,
    href: ({ service }) => addressOf({ service, state: 'running' }),
  },
  { name: 'Per minute', read: ({ perMinute }) => perMinute.succeeded, write: (value) => rate.format(value) },
  {
    name: 'Longest wait',
    read: ({ oldestWaitSeconds }) => oldestWaitSeconds ?? 0,
    write: (value) => (value === 0 ? 'none' : formatDuration(value * 1_000)),
  },
  {
    name: 'Failed',
    kind: 'bad',
    read: ({ counts }) => counts.failed,
    write: formatCount,
    href: ({ service }) => addressOf({ service, state: 'failed' }),
  },
];
const rate = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** The queue of one service: how it goes, and what can be done about it. */
export function QueuePanel({ title, queue, samples, onChange }: QueuePanelProps): JSX.Element {
  const [asked, setAsked] = useState<'retry' | 'cancel' | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { service, paused, counts, delayed } = queue;

  async function setPaused(): Promise<void> {
    setBusy(true);
    try {
      await (paused ? api.resume(service) : api.pause(service));
      toast({ text: paused ? `${title} goes on.` : `${title} is paused: no waiting job begins. Running ones end.` });
    } catch (error) {
      toast({ kind: 'bad', text: reasonOf(error) });
    }
    setBusy(false);
    onChange();
  }

  async function actOnAll(action: 'retry' | 'cancel'): Promise<void> {
    const state = action === 'retry' ? 'failed' : 'queued';
    await startAction({ action, filter: { service, state } }, { expected: counts[state] });
    onChange();
  }

  const actions = (
    <>
      <Button icon={RotateCw} disabled={counts.failed === 0} onClick={() => setAsked('retry')}>
        Try all failed again
      </Button>
      <Button icon={Ban} disabled={counts.queued === 0} onClick={() => setAsked('cancel')}>
        Cancel all waiting
      </Button>
      <Button icon={paused ? Play : Pause} kind={paused ? 'main' : 'plain'} disabled={isBusy} onClick={() => void setPaused()}>
        {paused ? 'Resume' : 'Pause'}
      </Button>
    </>
  );

  return (
    <Panel title={title} actions={actions}>
      <p class="queue-panel-note">
        {paused ? <span class="queue-panel-paused">Paused</span> : <span>Open</span>}
        {delayed > 0 && <span>· {jobsText(delayed)} not before a set time</span>}
      </p>
      <dl class="queue-panel-figures">
        {figures.map((figure) => (
          <FigureView key={figure.name} figure={figure} queue={queue} samples={samples} />
        ))}
      </dl>
      <Confirm
        title={asked === 'retry' ? `Try ${jobsText(counts.failed)} again?` : `Cancel ${jobsText(counts.queued)}?`}
        label={asked === 'retry' ? 'Try them again' : 'Cancel them'}
        kind={asked === 'retry' ? 'main' : 'danger'}
        open={asked !== null}
        onYes={() => asked !== null && void actOnAll(asked)}
        onClose={() => setAsked(null)}
      >
        <p>
          {asked === 'retry'
            ? `All failed jobs of ${title} wait again, with the same files and options.`
            : `All waiting jobs of ${title} are canceled. They can be tried again later; what runs goes on.`}
        </p>
      </Confirm>
    </Panel>
  );
}

interface FigureProps {
  readonly figure: Figure;
  readonly queue: QueueView;
  readonly samples: readonly QueueSample[];
}

function FigureView({ figure: { name, kind, read, write, href }, queue, samples }: FigureProps): JSX.Element {
  const { service } = queue;
  const points = useMemo(
    () =>
      samples.map(({ at, queues }): ChartPoint => {
        const then = queues?.[service];
        return { at, value: then === undefined ? null : read(then) };
      }),
    [samples, service],
  );
  const value = read(queue) ?? 0;
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const most = Math.max(value, ...values);
  const least = Math.min(value, ...values);
  const text = `${name}: ${write(value)} now; between ${write(least)} and ${write(most)} in the last ten minutes.`;
  const shown = write(value);
  return (
    <div class={`queue-panel-figure${kind === 'bad' && value > 0 ? ' queue-panel-figure-bad' : ''}`}>
      <dt>{name}</dt>
      <dd class="queue-panel-number">{href === undefined ? shown : <a href={href(queue)}>{shown}</a>}</dd>
      <dd>
        <Chart label={text} points={points} spanMs={spanMs} />
      </dd>
    </div>
  );
}

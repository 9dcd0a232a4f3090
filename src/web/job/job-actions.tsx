import { signal } from '@preact/signals';
import { Ban, RotateCw, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type JobView, ProblemError } from '../../client/client.ts';
import { hasEnded } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toasts.tsx';
import { api } from '../api.ts';
import { jobName } from './job-name.ts';

const undoMs = 8_000;
/** Jobs whose deletion can still be undone: also a page of theirs that is opened meanwhile does not offer it again. */
const leaving = signal<readonly string[]>([]);

/** Cancel, run again, delete. */
export function JobActions({ job, onChange }: { job: JobView; onChange(job: JobView): void }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const { route } = useLocation();

  async function change(call: (id: string) => Promise<JobView>): Promise<void> {
    setBusy(true);
    try {
      onChange(await call(job.id));
    } catch (error) {
      sayFailed(error);
    }
    setBusy(false);
  }

  function remove(): void {
    leaving.value = [...leaving.value, job.id];
    toast({
      text: `${jobName(job)} is being deleted, with its file and its result.`,
      ms: undoMs,
      action: { label: 'Undo', run: stay },
      onGone: () => void removeNow(),
    });
  }

  async function removeNow(): Promise<void> {
    try {
      await api.remove(job.id);
      if (location.pathname === `/jobs/${job.id}`) route('/jobs');
    } catch (error) {
      sayFailed(error);
    }
    stay();
  }

  function stay(): void {
    leaving.value = leaving.value.filter((id) => id !== job.id);
  }

  return (
    <>
      {!hasEnded(job.state) && (
        <Button icon={Ban} disabled={isBusy} onClick={() => change(api.cancel)}>
          Cancel
        </Button>
      )}
      {(job.state === 'failed' || job.state === 'canceled') && (
        <Button icon={RotateCw} disabled={isBusy} onClick={() => change(api.retry)}>
          Try again
        </Button>
      )}
      <Button kind="danger" icon={Trash2} disabled={leaving.value.includes(job.id)} onClick={remove}>
        Delete
      </Button>
    </>
  );
}

function sayFailed(error: unknown): void {
  if (error instanceof ProblemError) toast({ kind: 'bad', text: `${error.title}. ${error.detail}` });
  else toast({ kind: 'bad', text: error instanceof Error ? error.message : String(error) });
}

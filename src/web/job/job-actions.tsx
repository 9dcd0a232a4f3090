import { Ban, RotateCw, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type JobView, ProblemError } from '../../client/client.ts';
import { hasEnded } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toasts.tsx';
import { api } from '../api.ts';
import { jobName } from './job-name.ts';

const undoMs = 8_000;
/** Jobs whose deletion can still be undone, so that a page that is opened meanwhile does not offer it again. */
const leaving = new Set<string>();

/** Cancel, run again, delete. */
export function JobActions({ job, onChange }: { job: JobView; onChange(job: JobView): void }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const [isLeaving, setLeaving] = useState(leaving.has(job.id));
  const { route } = useLocation();
  useEffect(() => setBusy(false), [job.state]);

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
    leaving.add(job.id);
    setLeaving(true);
    toast({
      text: `${jobName(job)} is being deleted, with its file and its result.`,
      ms: undoMs,
      action: {
        label: 'Undo',
        run: () => {
          leaving.delete(job.id);
          setLeaving(false);
        },
      },
      onGone: () => void removeNow(),
    });
  }

  async function removeNow(): Promise<void> {
    try {
      await api.remove(job.id);
      if (location.pathname === `/jobs/${job.id}`) route('/jobs');
    } catch (error) {
      setLeaving(false);
      sayFailed(error);
    }
    leaving.delete(job.id);
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
      <Button kind="danger" icon={Trash2} disabled={isLeaving} onClick={remove}>
        Delete
      </Button>
    </>
  );
}

function sayFailed(error: unknown): void {
  if (error instanceof ProblemError) toast({ kind: 'bad', text: `${error.title}. ${error.detail}` });
  else toast({ kind: 'bad', text: error instanceof Error ? error.message : String(error) });
}

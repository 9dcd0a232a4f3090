import { Ban, RotateCw, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { JobView } from '../../client/client.ts';
import { hasEnded } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toasts.tsx';
import { deleteLater, deletions } from '../actions/delete-later.ts';
import { api } from '../api.ts';
import { reasonOf } from '../reason-of.ts';
import { jobName } from './job-name.ts';

/** Cancel, run again, delete. */
export function JobActions({ job, onChange }: { job: JobView; onChange(job: JobView): void }): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const { route } = useLocation();

  async function change(call: (id: string) => Promise<JobView>): Promise<void> {
    setBusy(true);
    try {
      onChange(await call(job.id));
    } catch (error) {
      toast({ kind: 'bad', text: reasonOf(error) });
    }
    setBusy(false);
  }

  function remove(): void {
    const text = `${jobName(job)} is being deleted, with its file and its result.`;
    deleteLater(
      {
        request: { action: 'delete', ids: [job.id] },
        expected: 1,
        hides: ({ id }) => id === job.id,
        onOver: (done) => done && location.pathname === `/jobs/${job.id}` && route('/jobs'),
      },
      text,
    );
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
      <Button kind="danger" icon={Trash2} disabled={deletions.value.some(({ hides }) => hides(job))} onClick={remove}>
        Delete
      </Button>
    </>
  );
}

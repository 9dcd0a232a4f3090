import { signal } from '@preact/signals';
import type { ActionRequest, JobView } from '../../client/client.ts';
import { startAction } from './started-actions.ts';
import { undoable } from './undoable.ts';

interface Deletion {
  readonly request: ActionRequest;
  readonly expected: number | null;
  /** Whether the job is one of them: it is not shown any more. */
  hides(job: JobView): boolean;
  /** Called when it is over; `done` is false where the server did not take it. */
  onOver(done: boolean): void;
}

/** What is deleted or is going to be: rows of it are hidden at once. */
export const deletions = signal<readonly Deletion[]>([]);

/** Deletes jobs in eight seconds; until then it can be undone. */
export function deleteLater(deletion: Deletion, text: string): void {
  const { request, expected } = deletion;
  const idempotencyKey = crypto.randomUUID();
  deletions.value = [...deletions.value, deletion];
  undoable({
    text,
    async run() {
      deletion.onOver(await startAction(request, { expected, idempotencyKey }));
      forget(deletion);
    },
    runLeaving() {
      forget(deletion);
      void fetch('/v1/jobs/actions', {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(request),
      });
    },
    undo: () => forget(deletion),
  });
}

function forget(deletion: Deletion): void {
  deletions.value = deletions.value.filter((each) => each !== deletion);
}

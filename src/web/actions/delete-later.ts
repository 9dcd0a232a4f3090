import { signal } from '@preact/signals';
import type { ActionRequest, JobView } from '../../client/client.ts';
import { toast } from '../../ui/toasts.tsx';
import { startAction } from './started-actions.ts';

interface Deletion {
  readonly request: ActionRequest;
  readonly expected: number | null;
  /** Whether the job is one of them: it is not shown any more. */
  hides(job: JobView): boolean;
  /** Called when it is over; `done` is false where the server did not take it. */
  onOver(done: boolean): void;
}

interface Waiting extends Deletion {
  readonly idempotencyKey: string;
  dismiss(): void;
}

/** What is deleted or is going to be: rows of it are hidden at once. */
export const deletions = signal<readonly Deletion[]>([]);

const undoMs = 8_000;
const waiting = new Set<Waiting>();

/** Deletes jobs in eight seconds; until then it can be undone. Who leaves the page before has meant it: it is asked for then. */
export function deleteLater(deletion: Deletion, text: string): void {
  const dismiss = toast({
    text,
    ms: undoMs,
    action: { label: 'Undo', run: () => undo() },
    onGone: () => void ask(),
  });
  const entry: Waiting = { ...deletion, idempotencyKey: crypto.randomUUID(), dismiss };
  waiting.add(entry);
  deletions.value = [...deletions.value, entry];

  function undo(): void {
    waiting.delete(entry);
    forget(entry);
  }

  async function ask(): Promise<void> {
    waiting.delete(entry);
    const done = await startAction(entry.request, { expected: entry.expected, idempotencyKey: entry.idempotencyKey });
    entry.onOver(done);
    forget(entry);
  }
}

function forget(entry: Deletion): void {
  deletions.value = deletions.value.filter((each) => each !== entry);
}

/** A request that outlives the page. */
function askWhileLeaving(): void {
  for (const entry of waiting) {
    entry.dismiss();
    forget(entry);
    void fetch('/v1/jobs/actions', {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json', 'idempotency-key': entry.idempotencyKey },
      body: JSON.stringify(entry.request),
    });
  }
  waiting.clear();
}

addEventListener('pagehide', askWhileLeaving);

import { toast } from '../../ui/toasts.tsx';

interface Undoable {
  /** What is going to happen, in words. */
  readonly text: string;
  /** Called when the time to undo has passed. */
  run(): Promise<void>;
  /** Called instead where the page is left before: it has to outlive the page. */
  runLeaving(): void;
  undo(): void;
}

const undoMs = 8_000;
const waiting = new Set<{ leave(): void }>();

/** Does something in eight seconds; until then it can be undone. Who leaves the page before has meant it: it is done then. */
export function undoable({ text, run, runLeaving, undo }: Undoable): void {
  const entry = {
    leave() {
      dismiss();
      runLeaving();
    },
  };
  const over = (then: () => unknown) => () => {
    waiting.delete(entry);
    then();
  };
  const dismiss = toast({ text, ms: undoMs, action: { label: 'Undo', run: over(undo) }, onGone: over(run) });
  waiting.add(entry);
}

addEventListener('pagehide', () => {
  for (const entry of waiting) entry.leave();
  waiting.clear();
});

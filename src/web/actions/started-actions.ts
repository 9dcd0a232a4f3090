import { signal } from '@preact/signals';
import { type ActionRequest, type ActionView, ConnectionError, ProblemError } from '../../client/client.ts';
import { toast } from '../../ui/toasts.tsx';
import { api } from '../api.ts';
import { reasonOf } from '../reason-of.ts';
import { outcomeText } from './action-words.ts';

export interface StartedAction {
  readonly view: ActionView;
  /** How many jobs it is about; null where that is not known. */
  readonly expected: number | null;
}

/** Actions that this page has begun and that are not done: they go on whether somebody looks or not. */
export const startedActions = signal<readonly StartedAction[]>([]);

const lookMs = 400;

interface Options {
  readonly expected: number | null;
  readonly idempotencyKey?: string;
}

/** Has something done to many jobs, shows how far it is, and tells what came of it. Resolves when it is over; false where it was refused. */
export async function startAction(request: ActionRequest, { expected, idempotencyKey }: Options): Promise<boolean> {
  try {
    const keyed = idempotencyKey === undefined ? {} : { idempotencyKey };
    let view = await api.startAction(request, keyed);
    show({ view, expected });
    while (view.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
      view = await look(view);
      show({ view, expected });
    }
    hide(view.id);
    toast({ text: outcomeText(view) });
    return true;
  } catch (error) {
    toast({ kind: 'bad', text: reasonOf(error), ms: 10_000 });
    return false;
  }
}

/** A server that is starting again goes on with the action: so does the page. */
async function look(view: ActionView): Promise<ActionView> {
  try {
    return await api.action(view.id);
  } catch (error) {
    if (error instanceof ConnectionError || (error instanceof ProblemError && error.status >= 500)) return view;
    hide(view.id);
    throw error;
  }
}

function show(action: StartedAction): void {
  const others = startedActions.value.filter(({ view }) => view.id !== action.view.id);
  startedActions.value = [...others, action];
}

function hide(id: string): void {
  startedActions.value = startedActions.value.filter(({ view }) => view.id !== id);
}

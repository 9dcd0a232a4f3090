import { signal } from '@preact/signals';
import { type Beer, ProblemError } from '../../client/client.ts';
import { toast } from '../../ui/toasts.tsx';
import { undoable } from '../actions/undoable.ts';
import { api } from '../api.ts';
import { reasonOf } from '../reason-of.ts';
import { beerText } from './beer-text.ts';

/** Beers that are deleted or are going to be: they are not shown any more. */
export const deletedBeers = signal<ReadonlySet<string>>(new Set());

/** Deletes a beer in eight seconds; until then it can be undone. */
export function deleteBeer(beer: Beer, onOver: () => void): void {
  const { id } = beer;
  deletedBeers.value = new Set([...deletedBeers.value, id]);
  undoable({
    text: `The ${beerText(beer)} will be deleted.`,
    async run() {
      try {
        await api.removeBeer(id);
      } catch (error) {
        // That somebody else was quicker is as good.
        if (error instanceof ProblemError && error.status === 404) return onOver();
        show(id);
        toast({ kind: 'bad', text: reasonOf(error), ms: 10_000 });
      }
      onOver();
    },
    runLeaving: () => void fetch(`/v1/beers/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true }),
    undo: () => show(id),
  });
}

function show(id: string): void {
  deletedBeers.value = new Set([...deletedBeers.value].filter((each) => each !== id));
}

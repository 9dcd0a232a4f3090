import type { GroupCommit } from '../group-commit.ts';
import type { PackedChange, PackedOutcome } from './packed-document.ts';
import type { CallOutcome } from './write.ts';

/** So many changes are written together at most, a larger call aside. */
const changesMax = 2_000;

interface Gathering {
  readonly calls: (readonly PackedChange[])[];
  readonly outcomes: Promise<CallOutcome[]>;
  changes: number;
  begun: boolean;
}

/** Lets calls that would share a commit share their work on lists, too: what is kept of them is then written once for all. */
export function gatheredWrites(group: GroupCommit, write: (calls: readonly (readonly PackedChange[])[]) => CallOutcome[]) {
  let open: Gathering | null = null;

  function begin(): Gathering {
    const calls: (readonly PackedChange[])[] = [];
    const gathering: Gathering = {
      calls,
      changes: 0,
      begun: false,
      outcomes: group.write(() => {
        gathering.begun = true;
        return write(calls);
      }),
    };
    return gathering;
  }

  return async (changes: readonly PackedChange[]): Promise<PackedOutcome[]> => {
    if (open === null || open.begun || open.changes + changes.length > changesMax) open = begin();
    const gathering = open;
    const at = gathering.calls.push(changes) - 1;
    gathering.changes += changes.length;
    const outcome = (await gathering.outcomes)[at];
    if (outcome === undefined || 'error' in outcome) throw outcome?.error;
    return outcome.outcomes;
  };
}

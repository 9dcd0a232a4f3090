import { actionsWake, workOnAction } from '../engine/actions.ts';
import { failOverdueJobs } from '../engine/deadlines.ts';
import { createLoop } from '../engine/loop.ts';
import { oneAtATime } from '../engine/one-at-a-time.ts';
import type { EngineParts } from '../engine/parts.ts';
import { rescueLostJobs } from '../engine/rescuer.ts';
import { pruneDocumentLog, pruneExpired, removeOrphans } from '../engine/retention.ts';

const rescueMs = 5_000;
const deadlineMs = 500;
const pruneMs = 60_000;
const orphansMs = 3_600_000;
/** How soon an action is taken up that nobody was woken for: a wake-up may be lost, a process may have died. */
const actionMs = 1_000;

export interface Housekeeping {
  /** What must be done before the first claim. */
  atStart(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Removes what has just been deleted without waiting for the next round. */
  pruneSoon(): void;
}

/** The loops that keep the store in order; any number of processes may run them side by side. */
export function createHousekeeping(parts: EngineParts): Housekeeping {
  const prune = createLoop('prune', pruneMs, () => pruneExpired(parts), parts);
  const loops = [
    createLoop('rescue', rescueMs, () => rescueLostJobs(parts), parts),
    createLoop('deadlines', deadlineMs, () => failOverdueJobs(parts), parts),
    prune,
    createLoop('prune-documents', pruneMs, () => pruneDocumentLog(parts), parts),
    createLoop('orphans', orphansMs, () => removeOrphans(parts), parts),
  ];
  const pruning = oneAtATime(prune.runOnce, (error) => parts.log.error({ err: error }, 'prune.failed'));

  const acting = oneAtATime(actStep, (error) => parts.log.error({ err: error }, 'action.failed'));
  const actionsLoop = createLoop('actions', actionMs, lookForActions, parts);
  let unwake = () => {};
  let stopped = false;

  async function lookForActions(): Promise<number> {
    acting.request();
    return 0;
  }

  /** One step at a time, until there is nothing to do or the process stops. */
  async function actStep(): Promise<void> {
    if (!stopped && (await workOnAction(parts)) > 0) acting.request();
  }

  return {
    async atStart() {
      // Nobody else works on a store of this process alone: every lease and reservation belongs to a process that is gone.
      if (!parts.store.capabilities.shared) await Promise.all([rescueLostJobs(parts, true), parts.store.unreserveAll()]);
    },
    start() {
      for (const loop of [...loops, actionsLoop]) loop.start();
      unwake = parts.wakeUp.onWake((what) => what === actionsWake && acting.request());
    },
    async stop() {
      stopped = true;
      unwake();
      await Promise.all([...loops, actionsLoop].map((loop) => loop.stop()));
      await Promise.all([pruning.settled(), acting.settled()]);
    },
    pruneSoon: pruning.request,
  };
}

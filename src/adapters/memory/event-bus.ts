import type { EventBus, Notice } from '../../ports/event-bus.ts';
import { callAll } from './listeners.ts';

type Listener = (notice: Notice) => void;

/** Carries notices within this process, within the call. A notice of a job that nobody listens to costs one look-up. */
export function createMemoryEventBus({ onError }: { onError: (error: unknown) => void }): EventBus {
  const ofAll = new Set<Listener>();
  const ofJob = new Map<string, Set<Listener>>();

  function unsubscribe(jobId: string, listener: Listener): void {
    const listeners = ofJob.get(jobId);
    listeners?.delete(listener);
    if (listeners?.size === 0) ofJob.delete(jobId);
  }

  return {
    publish(notice) {
      const listeners = 'job' in notice ? ofJob.get(notice.job) : undefined;
      if (listeners !== undefined) callAll(listeners, notice, onError);
      if (ofAll.size > 0) callAll(ofAll, notice, onError);
    },
    subscribe(listener, jobId) {
      // A wrapper of its own: the same function may listen twice, and each subscription ends alone.
      const subscription: Listener = (notice) => listener(notice);
      if (jobId === undefined) {
        ofAll.add(subscription);
        return () => void ofAll.delete(subscription);
      }
      const listeners = ofJob.get(jobId) ?? new Set();
      ofJob.set(jobId, listeners.add(subscription));
      return () => unsubscribe(jobId, subscription);
    },
    async close() {
      ofAll.clear();
      ofJob.clear();
    },
  };
}

import type { WakeUp } from '../../ports/wake-up.ts';
import { callAll } from './listeners.ts';

/** Wakes the workers of this process, within the call. */
export function createMemoryWakeUp({ onError }: { onError: (error: unknown) => void }): WakeUp {
  const listeners = new Set<(service: string) => void>();
  return {
    wake: (service) => callAll(listeners, service, onError),
    onWake(listener) {
      // A wrapper of its own: the same function may listen twice, and each subscription ends alone.
      const subscription = (service: string): void => listener(service);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    async close() {
      listeners.clear();
    },
  };
}

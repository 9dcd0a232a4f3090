import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WakeUp } from './wake-up.ts';

/** What every wake-up does. `open` gives one that hands the errors of listeners to `onError`. */
export function describeWakeUp(name: string, open: (onError: (error: unknown) => void) => Promise<WakeUp>): void {
  describe(`the ${name} wake-up`, () => {
    let wakeUp: WakeUp;
    let errors: unknown[];

    beforeEach(async () => {
      errors = [];
      wakeUp = await open((error) => errors.push(error));
    });
    afterEach(() => wakeUp.close());

    function hear(): { heard: Set<string>; stop: () => void } {
      const heard = new Set<string>();
      return { heard, stop: wakeUp.onWake((service) => heard.add(service)) };
    }

    test('every listener hears which service may have work', async () => {
      const listeners = [hear(), hear()];
      wakeUp.wake('copy');
      wakeUp.wake('größe 2');
      for (const { heard } of listeners) await vi.waitFor(() => expect(heard).toEqual(new Set(['copy', 'größe 2'])));
    });

    test('a subscription that has ended hears nothing more, and the others go on', async () => {
      const [ended, going] = [hear(), hear()];
      ended.stop();
      ended.stop();
      wakeUp.wake('copy');
      await vi.waitFor(() => expect(going.heard.size).toBe(1));
      expect(ended.heard.size).toBe(0);
    });

    test('waking when nobody listens is no error', () => {
      expect(() => wakeUp.wake('copy')).not.toThrow();
    });

    test('a listener that throws harms neither who wakes nor the other listeners, and is reported', async () => {
      const failure = new Error('a broken listener');
      wakeUp.onWake(() => {
        throw failure;
      });
      const { heard } = hear();
      expect(() => wakeUp.wake('copy')).not.toThrow();
      await vi.waitFor(() => expect(heard.size).toBe(1));
      expect(errors).toEqual([failure]);
    });

    test('a closed wake-up is silent', async () => {
      const { heard } = hear();
      await wakeUp.close();
      wakeUp.wake('copy');
      await new Promise(setImmediate);
      expect(heard.size).toBe(0);
    });
  });
}

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newId } from '../core/ids.ts';
import type { EventBus, Notice } from './event-bus.ts';

/** What every event bus does. `open` gives a bus that hands the errors of listeners to `onError`. */
export function describeEventBus(name: string, open: (onError: (error: unknown) => void) => Promise<EventBus>): void {
  describe(`the ${name} event bus`, () => {
    let bus: EventBus;
    let errors: unknown[];

    beforeEach(async () => {
      errors = [];
      bus = await open((error) => errors.push(error));
    });
    afterEach(() => bus.close());

    const changed = (job = newId()): Notice => ({ kind: 'changed', job, caller: 'ann', service: 'copy', state: 'running' });
    const progress = (job: string): Notice => {
      return { kind: 'progress', job, caller: 'ann', service: 'copy', progress: { fraction: 0.5, message: 'page 3 of 7' } };
    };
    function hear(jobId?: string): { heard: Notice[]; stop: () => void } {
      const heard: Notice[] = [];
      return { heard, stop: bus.subscribe((notice) => heard.push(notice), jobId) };
    }

    test('a subscriber hears every kind of notice, whole and in order', async () => {
      const { heard } = hear();
      const removed: Notice = { kind: 'removed', job: newId(), caller: 'ben', service: 'copy' };
      const notices: Notice[] = [changed(), progress(newId()), removed, { kind: 'documents', collection: 'beers' }];
      for (const notice of notices) bus.publish(notice);
      await vi.waitFor(() => expect(heard).toEqual(notices));
    });

    test('a subscriber of one job hears nothing of other jobs', async () => {
      const job = newId();
      const one = hear(job);
      const all = hear();
      const documents: Notice = { kind: 'documents', collection: 'beers' };
      for (const notice of [changed(), changed(job), documents, progress(newId()), progress(job), changed()]) bus.publish(notice);
      await vi.waitFor(() => expect(all.heard).toHaveLength(6));
      expect(one.heard).toEqual([changed(job), progress(job)]);
    });

    test('a subscription that has ended hears nothing more, and the others go on', async () => {
      const job = newId();
      const [ended, endedOfJob, going, goingOfJob] = [hear(), hear(job), hear(), hear(job)];
      ended.stop();
      endedOfJob.stop();
      endedOfJob.stop();
      bus.publish(changed(job));
      await vi.waitFor(() => expect([going.heard, goingOfJob.heard]).toEqual([[changed(job)], [changed(job)]]));
      expect([ended.heard, endedOfJob.heard]).toEqual([[], []]);
    });

    test('one function may subscribe twice, and each subscription ends alone', async () => {
      const heard: Notice[] = [];
      const listener = (notice: Notice) => void heard.push(notice);
      const job = newId();
      const stop = bus.subscribe(listener, job);
      bus.subscribe(listener, job);
      stop();
      bus.publish(changed(job));
      const other = hear(job);
      bus.publish(changed(job));
      await vi.waitFor(() => expect(other.heard).toHaveLength(1));
      expect(heard).toHaveLength(2);
    });

    test('a listener that throws harms neither the publisher nor the other listeners, and is reported', async () => {
      const failure = new Error('a broken listener');
      const job = newId();
      for (const jobId of [undefined, job]) {
        bus.subscribe(() => {
          throw failure;
        }, jobId);
      }
      const [one, all] = [hear(job), hear()];
      expect(() => bus.publish(changed(job))).not.toThrow();
      await vi.waitFor(() => expect([one.heard.length, all.heard.length, errors.length]).toEqual([1, 1, 2]));
      expect(errors).toEqual([failure, failure]);
    });

    test('a listener may end its own subscription', async () => {
      const heard: Notice[] = [];
      const stop = bus.subscribe((notice) => {
        heard.push(notice);
        stop();
      });
      const after = hear();
      bus.publish(changed());
      bus.publish(changed());
      await vi.waitFor(() => expect(after.heard).toHaveLength(2));
      expect(heard).toHaveLength(1);
    });

    test('a closed bus is silent', async () => {
      const job = newId();
      const [all, one] = [hear(), hear(job)];
      await bus.close();
      bus.publish(changed(job));
      await new Promise(setImmediate);
      expect([all.heard, one.heard]).toEqual([[], []]);
    });
  });
}

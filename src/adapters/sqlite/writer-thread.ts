import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { openSqliteJobStore } from './job-store.ts';
import type { WriteCall, WriteReply } from './write-calls.ts';

/** The thread that commits. While it waits for the disk, the next calls gather and will share a transaction. */
if (parentPort !== null) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  const store = openSqliteJobStore({ path: String(workerData), clock: systemClock });
  let replies: WriteReply[] = [];

  /** The answers of one commit go back as one message: a message a job would cost more than the job. */
  function reply(one: WriteReply): void {
    if (replies.push(one) > 1) return;
    process.nextTick(() => {
      port.postMessage(replies);
      replies = [];
    });
  }

  async function run({ call, method, args }: WriteCall): Promise<void> {
    try {
      // Arguments and method come from the same call of the port on the other side, which the compiler has checked.
      const action = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
      reply({ call, value: await action(...args) });
    } catch (error) {
      reply(error instanceof ServiceError ? { call, refused: refusal(error) } : { call, error });
    }
  }

  port.on('message', (calls: readonly WriteCall[] | 'close') => {
    if (calls !== 'close') for (const call of calls) void run(call);
    else void store.close().then(() => port.close());
  });
  port.postMessage([]);
}

function refusal({ code, message, retryAfterSeconds, cause }: ServiceError) {
  return { code, detail: message, retryAfterSeconds, cause };
}

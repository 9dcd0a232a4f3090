import { fdatasyncSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread that waits for the disk: each message asks for a sync of a file, and is answered with null or what went wrong. */
if (parentPort !== null) serve(parentPort, openSync(String(workerData), 'r+'));

function serve(port: NonNullable<typeof parentPort>, file: number): void {
  port.on('message', () => port.postMessage(failureOf(() => fdatasyncSync(file))));
}

function failureOf(action: () => void): unknown {
  try {
    action();
    return null;
  } catch (error) {
    return error;
  }
}

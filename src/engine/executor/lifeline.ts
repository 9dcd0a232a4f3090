/**
 * A thread of an executor that kills the executor's whole process group once its parent is gone, even while the main thread is
 * busy in JavaScript or native code: standard input is a pipe that only the parent holds, so its end means the parent's end.
 */
import { Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

const pipe = new Socket({ fd: 0, readable: true, writable: false });
const killGroup = () => process.kill(0, 'SIGKILL');
pipe.on('end', killGroup).on('error', killGroup).on('close', killGroup).resume();
parentPort?.postMessage('watching');

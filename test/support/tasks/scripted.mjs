import { readFileSync, writeFileSync } from 'node:fs';

/** Does what its option `act` says, so that a test can have any outcome; by default it writes its input, or its options, as its output. */
const acts = {
  copy({ input, options, output }) {
    const { id, path } = output('copy.txt', 'text/plain');
    writeFileSync(path, input === null ? JSON.stringify(options) : readFileSync(input.path));
    return { kind: 'done', result: { file: id } };
  },
  reject: () => ({ kind: 'rejected', code: 'unprocessable-media', detail: 'It is broken.' }),
  later: ({ options }) => ({
    kind: 'retryLater',
    code: 'service-unavailable',
    detail: 'Not now.',
    afterMs: options.afterMs ?? 0,
  }),
  trace: ({ traceparent }) => ({ kind: 'done', result: { traceparent } }),
  complain({ traceparent }) {
    process.stderr.write(`the trace is ${traceparent}\n`, () => process.kill(process.pid, 'SIGKILL'));
    return new Promise(() => {});
  },
  throw() {
    throw new Error('a fault of ours');
  },
  crash: () => process.kill(process.pid, 'SIGKILL'),
  hang: ({ progress }) => {
    progress(0.5, 'half way');
    return new Promise(() => {});
  },
};

export const task = async (context) => acts[context.options.act ?? 'copy'](context);

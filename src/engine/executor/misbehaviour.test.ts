import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/program.ts';
import { openTestPool, type RunOptions, sandboxesHere, type TestPool, withoutPeak } from '../../../test/support/test-pool.ts';
import { limits } from '../../core/limits.ts';
import type { ExecutorOutcome } from '../../ports/executor-pool.ts';

function causeOf(outcome: ExecutorOutcome): string {
  return outcome.kind === 'failed' ? String(outcome.cause) : JSON.stringify(outcome);
}

describe.each(await sandboxesHere())('misbehaving tasks (sandbox: %s)', (kind) => {
  let test: TestPool;
  beforeAll(async () => {
    test = await openTestPool(kind);
  });
  afterAll(() => test.close());

  const endIn = async (code: string, act: string, more?: RunOptions) => {
    const outcome = await test.act(act, more);
    // What took too long is not tried again.
    expect(outcome, act).toMatchObject({ kind: code === 'time-limit-exceeded' ? 'rejected' : 'failed', code });
    expect(await test.act('nothing'), `the task after ${act}`).toMatchObject({ kind: 'done' });
    return outcome;
  };

  it('an exit, a signal or an abort is a crash that says why in its cause, and the next task runs', async () => {
    expect(causeOf(await endIn('executor-crashed', 'exit'))).toContain('exit code 3');
    for (const signal of ['SIGSEGV', 'SIGKILL']) {
      expect(causeOf(await endIn('executor-crashed', 'signal', { options: { signal } }))).toContain(signal);
    }
    await endIn('executor-crashed', 'abort');
  });

  it('a rejection that nobody handles is a crash', async () => {
    expect(causeOf(await endIn('executor-crashed', 'forgetRejection'))).toContain('nobody looks');
  });

  it('an endless loop is killed at the time limit, in plain words', async () => {
    const outcome = await endIn('time-limit-exceeded', 'loop', { limits: { timeMs: 1_500 } });
    expect(outcome).toMatchObject({ detail: 'The job took longer than 1.5 seconds.' });
  });

  it('a step without a word is killed at the limit of silence', async () => {
    const outcome = await endIn('time-limit-exceeded', 'loop', { limits: { silenceMs: 1_500 } });
    expect(outcome).toMatchObject({ detail: 'A step of the job took longer than 1.5 seconds.' });
  });

  it('too much memory is killed at the memory limit, in plain words', async () => {
    const outcome = await endIn('memory-limit-exceeded', 'fillMemory', { limits: { memoryBytes: 256 * 1024 ** 2 } });
    expect(outcome).toMatchObject({ detail: 'The job needed more than 256 MB of memory.' });
  });

  it.runIf(process.platform === 'linux')('the memory of its children counts', async () => {
    await endIn('memory-limit-exceeded', 'fillMemoryOfChild', { limits: { memoryBytes: 256 * 1024 ** 2 } });
  });

  it('a cancel is obeyed without a kill', async () => {
    const cancel = new AbortController();
    const { restarts } = test.pool.snapshot()[0] ?? {};
    const outcome = await test.act('obey', { signal: cancel.signal, onProgress: () => cancel.abort() });
    expect(withoutPeak(outcome)).toEqual({ kind: 'aborted' });
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
    expect(test.pool.snapshot()[0]?.restarts).toBe(restarts);
  });

  it('a cancel that is ignored ends in a kill after its grace', async () => {
    const cancel = new AbortController();
    let canceledAt = 0;
    const onProgress = () => {
      if (canceledAt === 0) canceledAt = performance.now();
      cancel.abort();
    };
    expect(withoutPeak(await test.act('loop', { signal: cancel.signal, onProgress }))).toEqual({ kind: 'aborted' });
    const took = performance.now() - canceledAt;
    expect(took).toBeGreaterThan(limits.cancelGraceMs - 50);
    expect(took).toBeLessThan(limits.cancelGraceMs + 1_500);
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
  });

  it('a job that is canceled before it begins does not begin', async () => {
    expect(withoutPeak(await test.act('exit', { signal: AbortSignal.abort() }))).toEqual({ kind: 'aborted' });
  });

  it('a flood of messages is a crash', async () => {
    expect(causeOf(await endIn('executor-crashed', 'floodChannel'))).toContain('more messages');
  });

  it('a flood of output does no harm, and its end is kept for the log', async () => {
    expect(await test.act('floodOutput')).toMatchObject({ kind: 'done' });
    await test.act('exit');
    await eventually('the end of the output is logged', () =>
      test.logged.some(({ fields }) => `${fields.output}`.includes('the end of the output')),
    );
    expect(test.logged.every(({ fields }) => `${fields.output ?? ''}`.length <= 4_000)).toBe(true);
  });

  it.each([
    ['no JSON', 'garbage\n'],
    ['no object', '[]\n'],
    ['an unknown type', '{"type":"NODE_HANDLE"}\n'],
    ['being ready again', '{"type":"ready"}\n'],
    ['an outcome without a run', '{"type":"end","end":{"kind":"done"}}\n'],
    ['progress of more than all', '{"type":"progress","run":1,"progress":{"fraction":2}}\n'],
    ['bytes that are no text', '\u0000\ufffd\n'],
  ])('a message that is %s is a crash', async (_what, text) => {
    await endIn('executor-crashed', 'say', { options: { text } });
  });

  it('a message without an end is a crash at the largest size', async () => {
    expect(causeOf(await endIn('executor-crashed', 'sayWithoutEnd'))).toContain('longer than');
  });

  it('a result that is too large is a crash', async () => {
    await endIn('executor-crashed', 'returnLarge', { options: { chars: limits.resultBytesMax + 3 * 1024 ** 2 } });
  });

  it('an executor that closes its channel is killed', async () => {
    // A wrapper that holds the channel, too, hides that; then the time limit ends it.
    const code = kind === 'unshare' ? 'time-limit-exceeded' : 'executor-crashed';
    await endIn(code, 'closeChannel', { limits: { timeMs: 2_000 } });
  });

  it('an outcome that is none is a crash', async () => {
    await endIn('executor-crashed', 'returnText');
  });

  it.each([
    ['a link', { how: 'link', target: '/etc/hostname' }],
    ['a folder', { how: 'folder' }],
    ['missing', { how: 'missing' }],
    ['of a type that the service does not make', { mediaType: 'text/html' }],
    ['of a type that is none', { mediaType: '../x' }],
    ['named like a path', { name: '../name' }],
    ['without a name', { name: '' }],
  ])('an output that is %s is refused', async (_what, options) => {
    await endIn('executor-crashed', 'output', { options });
  });

  it('an executor that changed its work folder beyond its parts is not used again, or cannot do so', async () => {
    const { restarts = 0 } = test.pool.snapshot()[0] ?? {};
    const outcome = await test.act('litterBeside');
    expect(await test.act('look')).toMatchObject({ kind: 'done', result: { tmp: [] } });
    if (kind === 'none') expect(test.pool.snapshot()[0]?.restarts).toBe(restarts + 1);
    else expect(outcome).toMatchObject({ code: 'internal-error' });
  });
});

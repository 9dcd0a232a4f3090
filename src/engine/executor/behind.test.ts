import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { eventually } from '../../../test/support/program.ts';
import { openTestPool, type RunOptions, sandboxesHere, type TestPool, withoutPeak } from '../../../test/support/test-pool.ts';
import { limits } from '../../core/limits.ts';

type Act = readonly [act: string, more?: RunOptions];

/** Longer than it takes to hand the second task over. */
const nap = (ms: number): Act => ['', { service: 'sleep', options: { ms } }];

describe.each(await sandboxesHere())('a task behind another one (sandbox: %s)', (kind) => {
  let test: TestPool;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    test = await openTestPool(kind, 1, clock);
    await test.act('nothing');
  });
  afterEach(() => test.close());

  /** Runs the first task, and hands the second one over once that has begun. */
  async function handOver([first, more]: Act, [second, moreOfSecond]: Act) {
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const ahead = test.act(first, { ...more, executor: test.pool.acquire(true), onBegin: begin });
    await begun;
    const executor = test.pool.acquireBehind();
    if (executor === null) throw new Error('there is no place behind the task');
    let hasBegun = false;
    const onBegin = () => {
      hasBegun = true;
    };
    const behind = test.act(second, { ...moreOfSecond, executor, onBegin });
    await new Promise((resolve) => setImmediate(resolve));
    return { ahead, behind, hasBegun: () => hasBegun };
  }

  it.each([
    ['waits for something', nap(300)],
    ['keeps its thread', ['compute', { options: { ms: 300 } }] as Act],
  ])('begins without a word of the server when one that %s has ended', async (_what, first) => {
    const { ahead, behind } = await handOver(first, ['now']);
    const from = Date.now();
    // The server neither hears nor says anything meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    const to = Date.now();
    expect(await ahead).toMatchObject({ kind: 'done' });
    const outcome = await behind;
    const at = outcome.kind === 'done' ? Number(outcome.result.at) : Number.NaN;
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at).toBeLessThan(to);
  });

  it('has an input of its own, which the end of the first one leaves alone', async () => {
    const copied: string[] = [];
    const copy = (text: string): Act => [
      'copy',
      {
        limits: { input: { name: null, mediaType: 'text/plain', bytes: text.length, picture: null } },
        before: (inputPath) => writeFile(inputPath('text/plain'), text),
        async after(outcome) {
          const content = outcome.kind === 'done' ? outcome.outputs[0]?.content : undefined;
          copied.push(content !== undefined && 'path' in content ? await readFile(content.path, 'utf8') : 'nothing');
        },
      },
    ];
    for (let round = 0; round < 3; round += 1) {
      const { ahead, behind } = await handOver(copy(`first ${round}`), copy(`second ${round}`));
      await Promise.all([ahead, behind]);
    }
    expect(copied).toEqual(['first 0', 'second 0', 'first 1', 'second 1', 'first 2', 'second 2']);
    expect(await test.act('look')).toMatchObject({ kind: 'done', result: { in: [], out: [], tmp: [] } });
  });

  it('waits for the folder to be emptied where the first one left something', async () => {
    const { ahead, behind } = await handOver(['litter'], ['look']);
    expect(await ahead).toMatchObject({ kind: 'done' });
    expect(await behind).toMatchObject({ kind: 'done', result: { out: [], tmp: [] } });
  });

  it('is none of it when the first one ends the executor, and has not begun', async () => {
    const { ahead, behind, hasBegun } = await handOver(['exit'], ['nothing']);
    expect(await ahead).toMatchObject({ kind: 'failed', code: 'executor-crashed' });
    expect(await behind).toEqual({ kind: 'unbegun' });
    expect(hasBegun()).toBe(false);
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
  });

  it('is to blame alone when it ends the executor', async () => {
    const { ahead, behind } = await handOver(nap(100), ['abort']);
    expect(await ahead).toMatchObject({ kind: 'done' });
    expect(await behind).toMatchObject({ kind: 'failed', code: 'executor-crashed' });
  });

  it('is held to its own limits', async () => {
    const { ahead, behind, hasBegun } = await handOver(nap(100), ['loop', { limits: { timeMs: 500 } }]);
    clock.advance(40);
    expect(hasBegun()).toBe(false);
    expect(await ahead).toMatchObject({ kind: 'done' });
    await eventually('it has begun', hasBegun);
    clock.advance(480);
    expect(test.pool.snapshot()[0]?.restarts).toBe(0);
    clock.advance(40);
    expect(await behind).toMatchObject({ kind: 'rejected', code: 'time-limit-exceeded' });
  });

  it('does not begin where it is canceled meanwhile, and the first one goes on', async () => {
    const cancel = new AbortController();
    const { ahead, behind, hasBegun } = await handOver(nap(300), ['nothing', { signal: cancel.signal }]);
    cancel.abort();
    expect(withoutPeak(await behind)).toEqual({ kind: 'aborted' });
    expect(hasBegun()).toBe(false);
    expect(await ahead).toMatchObject({ kind: 'done' });
  });

  it('is canceled like any other once it has begun', async () => {
    const cancel = new AbortController();
    const { ahead, behind } = await handOver(nap(100), ['obey', { signal: cancel.signal, onProgress: () => cancel.abort() }]);
    expect(await ahead).toMatchObject({ kind: 'done' });
    expect(withoutPeak(await behind)).toEqual({ kind: 'aborted' });
    expect(test.pool.snapshot()[0]?.restarts).toBe(0);
  });

  it('comes back where the first one takes long', async () => {
    const { ahead, behind, hasBegun } = await handOver(nap(500), ['nothing']);
    clock.advance(limits.shortJobMs);
    expect(await behind).toEqual({ kind: 'unbegun' });
    expect(hasBegun()).toBe(false);
    // Else it would come back again and again.
    expect(test.pool.acquireBehind()).toBe(null);
    expect(await ahead).toMatchObject({ kind: 'done' });
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
  });

  it('goes with its executor when the pool closes', async () => {
    const { ahead, behind } = await handOver(nap(10_000), ['nothing']);
    await test.pool.close();
    for (const outcome of [ahead, behind]) expect(withoutPeak(await outcome)).toEqual({ kind: 'aborted' });
  });
});

describe('a pool', () => {
  it('has a place behind a short task that runs, and one only', async () => {
    const test = await openTestPool('none');
    const before = async (): Promise<void> => void expect(test.pool.acquireBehind()).toBe(null);
    expect(test.pool.acquireBehind()).toBe(null);
    await test.act('nothing', { executor: test.pool.acquire(true), before });
    await test.act('nothing', { before, onBegin: () => void expect(test.pool.acquireBehind()).toBe(null) });
    let places: unknown[] = [];
    const onBegin = () => {
      places = [test.pool.acquireBehind(), test.pool.acquireBehind(), test.pool.idle()];
    };
    await test.act('nothing', { executor: test.pool.acquire(true), onBegin });
    expect(places).toEqual([expect.objectContaining({}), null, 0]);
    await test.close();
  });
});

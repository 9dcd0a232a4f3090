import type { Page } from 'playwright-core';

export interface FrameGaps {
  readonly frames: number;
  readonly p95Ms: number;
  readonly worstMs: number;
}

/** How long the frames of a page are apart while `work` is done: what a reader feels of it. */
export async function frameGapsDuring(page: Page, work: () => Promise<unknown>): Promise<FrameGaps> {
  const meter = await page.evaluateHandle(() => {
    const gaps: number[] = [];
    let last = performance.now();
    let isOn = true;
    const frame = () => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (isOn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return {
      stop: () => {
        isOn = false;
        return gaps;
      },
    };
  });
  await work();
  const gaps = (await meter.evaluate(({ stop }) => stop())).sort((a, b) => a - b);
  return {
    frames: gaps.length,
    p95Ms: Math.round(gaps[Math.floor(gaps.length * 0.95)] ?? 0),
    worstMs: Math.round(gaps.at(-1) ?? 0),
  };
}

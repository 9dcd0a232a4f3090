import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { accessibilityFaults, hasBrowser, openTab, serverAndBrowser, withinMs } from '../support/browser.ts';
import { onePixelPng } from '../support/pictures.ts';

/** What holds for every page: for whoever cannot see it well or has no mouse, and for whoever watches what it loads. */

const sample = (path: string): string => fileURLToPath(new URL(`../../src/services/${path}`, import.meta.url));
const receipt = sample('ocr/samples/receipt.png');
const weightMax = 60_000;
const tabsMax = 80;
const phoneWidth = 360;

const site = serverAndBrowser();
let jobs: Awaited<ReturnType<typeof handInAll>>;

beforeAll(async () => {
  if (hasBrowser) jobs = await handInAll();
});

/** One job of each kind that has a look of its own. */
async function handInAll() {
  const { client } = site;
  const bytes = async (path: string) => new Uint8Array(await readFile(sample(path)));
  const later = await client.submit({
    service: 'ocr',
    source: await bytes('ocr/samples/receipt.png'),
    name: 'later.png',
    runAt: '1d',
  });
  const torn = Buffer.concat([onePixelPng.subarray(0, 45), Buffer.from('nothing that could be a picture')]);
  const failed = await client.submit({ service: 'thumbnails', source: new Uint8Array(torn), name: 'torn.png' });
  const text = await client.submit({ service: 'ocr', source: await bytes('ocr/samples/receipt.png'), name: 'receipt.png' });
  const harbour = await bytes('thumbnails/samples/harbour.jpg');
  const pictures = await client.submit({ service: 'thumbnails', source: harbour, name: 'harbour.jpg' });
  for (const { id } of [failed, text, pictures]) await client.wait(id);
  for (const tapId of [7, 3, 7]) await client.pour({ tapId, volume: 480 });
  return { later, failed, text, pictures };
}

interface Watched {
  readonly page: Page;
  /** What went wrong, and which other servers were asked; each as a line. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** A tab in which errors in the console and requests to anywhere else are faults, too. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const { page, context, faults } = await openTab(site.browser, 'about:blank', options);
  const { host } = new URL(site.server.url);
  const more: string[] = [];
  page.setDefaultTimeout(withinMs);
  page.on('console', (message) => {
    if (message.type() === 'error') more.push(message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['blob:', 'data:'].includes(url.protocol) && url.host !== host) more.push(`asked ${url.href}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) more.push(`asked ${socket.url()}`);
  });
  await page.goto(site.server.url + path);
  return {
    page,
    get faults() {
      return [...faults, ...more];
    },
    close: () => context.close(),
  };
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name });
const chosen = (page: Page) => page.getByText('2 jobs chosen');

interface Look {
  readonly name: string;
  path(): string;
  reach(page: Page): Promise<unknown>;
}

const looks: readonly Look[] = [
  {
    name: 'hand in, with files',
    path: () => '/',
    reach: async (page) => {
      await page.getByLabel('Files', { exact: true }).setInputFiles([receipt, sample('ocr/samples/minutes.pdf')]);
      await page.getByRole('radio', { name: 'Text recognition' }).check();
      await page.getByText('More options').click();
      await page.getByText('The same from a program').click();
    },
  },
  { name: 'text of a picture', path: () => `/jobs/${jobs.text.id}`, reach: (page) => page.getByRole('option').nth(3).waitFor() },
  {
    name: 'thumbnails',
    path: () => `/jobs/${jobs.pictures.id}`,
    reach: (page) => page.getByRole('img', { name: /^Thumbnail of/ }).waitFor(),
  },
  {
    name: 'JSON of a job',
    path: () => `/jobs/${jobs.pictures.id}`,
    reach: (page) => tab(page, 'JSON').click(),
  },
  { name: 'a failed job', path: () => `/jobs/${jobs.failed.id}`, reach: (page) => page.getByRole('alert').waitFor() },
  {
    name: 'a waiting job',
    path: () => `/jobs/${jobs.later.id}`,
    reach: (page) => page.getByText('Waits for its time').waitFor(),
  },
  {
    name: 'all jobs, some chosen',
    path: () => '/jobs',
    reach: async (page) => {
      for (const at of [0, 2])
        await page
          .getByRole('checkbox', { name: /^Select/ })
          .nth(at)
          .check();
      await chosen(page).waitFor();
    },
  },
  {
    name: 'taps',
    path: () => '/taps',
    reach: async (page) => {
      await page.locator('[data-beer]').nth(2).waitFor();
      await page.locator('.uplot').waitFor();
      await page.getByRole('link', { name: 'Tap 7', exact: true }).waitFor();
    },
  },
  { name: 'operations', path: () => '/operations', reach: (page) => page.getByText('Room left').waitFor() },
  {
    name: 'help on keys',
    path: () => '/jobs',
    reach: async (page) => {
      await page.getByRole('table').waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'an address that leads nowhere',
    path: () => '/jobs/a/b',
    reach: (page) => page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor(),
  },
];

describe.runIf(hasBrowser)('every page', () => {
  test.each(looks)(
    'stands in nobody’s way, fits on a phone, asks no other server and breaks nothing: $name',
    async ({ path, reach }) => {
      const { page, faults, close } = await open(path());
      await reach(page);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.getByRole('heading', { level: 1, includeHidden: true }).count()).toBe(1);
      expect(await page.title()).toMatch(/ · Coatcheck$/);
      await page.setViewportSize({ width: phoneWidth, height: 740 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phoneWidth);
      expect(faults).toEqual([]);
      await close();
    },
  );

  test('a sample is handed in and its result is reached by keys alone, with the focus always to be seen', async () => {
    const { page, faults, close } = await open('/');
    await tabTo(page, page.getByRole('button', { name: 'A receipt' }));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs\//);
    await tabTo(page, page.getByRole('option').first());
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() =>
        page
          .getByRole('option')
          .nth(1)
          .evaluate((word) => word === document.activeElement),
      )
      .toBe(true);
    const result = page.url();
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    const row = page
      .locator(`[data-job="${result.split('/').at(-1)}"]`)
      .getByRole('link')
      .first();
    await row.waitFor();
    await page.keyboard.press('j');
    await expect.poll(() => row.evaluate((link) => link === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(result);
    expect(faults).toEqual([]);
    await close();
  });

  test('nothing moves for who wants no motion', async () => {
    const moving = async (reducedMotion: 'reduce' | 'no-preference') => {
      const { page, close } = await open('/', { reducedMotion });
      await page.getByRole('radio', { name: 'Thumbnails' }).waitFor();
      const count = await page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter((element) => {
            const { transitionDuration, animationDuration } = getComputedStyle(element);
            return `${transitionDuration}, ${animationDuration}`.split(', ').some((time) => Number.parseFloat(time) > 0.01);
          }).length,
      );
      await close();
      return count;
    };
    expect(await moving('no-preference')).toBeGreaterThan(0);
    expect(await moving('reduce')).toBe(0);
  });

  test('the first view weighs at most 60 kB as it is sent', async () => {
    const figures: string[] = [];
    for (const { path, ready } of [
      { path: '/', ready: (page: Page) => page.getByRole('radio', { name: 'Thumbnails' }) },
      { path: '/jobs', ready: (page: Page) => page.locator('[data-job]').first() },
      { path: `/jobs/${jobs.failed.id}`, ready: (page: Page) => page.getByRole('alert') },
      { path: '/taps', ready: (page: Page) => page.locator('[data-beer]').first() },
      { path: '/operations', ready: (page: Page) => page.getByText('Room left') },
    ]) {
      const { page, close } = await open(path);
      await ready(page).waitFor();
      const { weight, count, readyMs } = await page.evaluate(() => {
        const sent = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const sizes = sent.flatMap((entry) => (entry instanceof PerformanceResourceTiming ? [entry.encodedBodySize] : []));
        return { weight: sizes.reduce((sum, size) => sum + size, 0), count: sizes.length, readyMs: performance.now() };
      });
      figures.push(`${path.slice(0, 12)} ${weight} bytes in ${count} answers, there after ${Math.round(readyMs)} ms`);
      expect(count).toBeGreaterThanOrEqual(4);
      if (path === '/') expect(weight).toBeLessThanOrEqual(weightMax);
      await close();
    }
    console.log(`As sent: ${figures.join('; ')}`);
  });
});

/** Presses Tab until `target` has the focus; each place on the way shows it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < tabsMax; presses += 1) {
    await page.keyboard.press('Tab');
    const hidden = await page.evaluate(() => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      const isShown = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
      return isShown ? null : focused.outerHTML.slice(0, 120);
    });
    expect(hidden, 'what has the focus without showing it').toBeNull();
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  expect.fail(`${tabsMax} tabs do not reach ${target}`);
}

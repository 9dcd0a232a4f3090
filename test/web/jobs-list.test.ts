import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BatchEntry } from '../../src/client/client.ts';
import { accessibilityFaults, hasBrowser, serverAndBrowser, withinMs } from '../support/browser.ts';
import { frameGapsDuring } from '../support/frames.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually } from '../support/program.ts';

/**
 * The list of all jobs in a real browser. COATCHECK_TEST_JOBS: how many jobs the long list has (2,000); COATCHECK_TEST_SECONDS:
 * for how long a thousand events a second come (3).
 */
const jobsMany = Number(process.env.COATCHECK_TEST_JOBS ?? 2_000);
const loadSeconds = Number(process.env.COATCHECK_TEST_SECONDS ?? 3);
const batchMax = 5_000;

let file: string;

const site = serverAndBrowser(['--workers', '1', '--queued-jobs-max', '1000000']);

describe.runIf(hasBrowser)('the list of jobs', () => {
  beforeAll(async () => {
    file = (await site.client.upload({ bytes: new Uint8Array(onePixelPng), name: 'dot.png' })).id;
  });

  /** Jobs that wait until tomorrow. */
  const handIn = async (count: number, more: Partial<BatchEntry> = {}): Promise<string[]> => {
    const entry: BatchEntry = { service: 'thumbnails', source: { file }, runAt: '1d', ...more };
    const items = await site.client.submitMany(Array.from({ length: count }, () => entry));
    return items.map((item) => ('id' in item ? item.id : expect.fail(item.problem.detail)));
  };
  const isThere = async (id: string) => (await fetch(`${site.server.url}/v1/jobs/${id}`)).status === 200;

  test('without any job invites to hand one in', async () => {
    const { page, context, faults } = await site.open('/jobs');
    await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
    expect(await page.getByRole('main').getByRole('link', { name: 'Hand in a file' }).getAttribute('href')).toBe('/');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('is filtered by state, service, label and time in the address, and Back leads to what was shown before', async () => {
    await handIn(2, { labels: { case: 'A-17', of: 'filters' } });
    const [canceled] = await handIn(1, { labels: { case: 'A-18', of: 'filters' } });
    await site.client.cancel(canceled ?? '');
    const { page, context, faults } = await site.open('/jobs?label.of=filters');
    await rowsAre(page, 3);
    await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'Canceled' }).click();
    await rowsAre(page, 1);
    expect(new URL(page.url()).search).toBe('?state=canceled&label.of=filters');
    await page.goBack();
    await rowsAre(page, 3);
    await page.keyboard.press('/');
    await page.keyboard.type('case=A-17');
    await page.keyboard.press('Enter');
    await rowsAre(page, 2);
    await page.getByLabel('Service').selectOption('Text recognition');
    await page.getByRole('heading', { name: 'No job matches' }).waitFor();
    expect(new URL(page.url()).search).toBe('?service=ocr&label.of=filters&label.case=A-17');
    await page.reload();
    await page.getByRole('heading', { name: 'No job matches' }).waitFor();
    await page.goBack();
    await rowsAre(page, 2);
    await page.getByRole('link', { name: 'Without the label case=A-17' }).click();
    await rowsAre(page, 3);
    await page.getByLabel('Created').selectOption('Last hour');
    await page.waitForURL(/createdAfter=/);
    await rowsAre(page, 3);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('says what is wrong with an address, and leads out of it', async () => {
    const { page, context } = await site.open('/jobs?createdAfter=yesterday');
    await page.getByRole('alert').getByText('createdAfter').first().waitFor();
    await page.getByRole('link', { name: 'Show all jobs' }).click();
    await page.getByRole('table').waitFor();
    await context.close();
  });

  test('changes a row when its job does, and offers new jobs without moving a row', async () => {
    const [id = ''] = await handIn(1, { labels: { of: 'live' } });
    const { page, context, faults } = await site.open('/jobs');
    const row = page.locator(`[data-job="${id}"]`);
    await row.getByText('Waiting').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await site.client.cancel(id);
    await row.getByText('Canceled').waitFor();
    await handIn(12, { labels: { of: 'live' } });
    const first = await page.locator('[data-job]').first().getAttribute('data-job');
    await page.getByRole('button', { name: '12 new jobs: show' }).waitFor();
    expect(await page.locator('[data-job]').first().getAttribute('data-job')).toBe(first);
    await page.getByRole('button', { name: '12 new jobs: show' }).click();
    await expect.poll(() => page.locator('[data-job]').first().getAttribute('data-job')).not.toBe(first);
    await expect.poll(() => page.getByRole('button', { name: 'show' }).count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('offers new jobs that have the label of the filter, and no others', async () => {
    const { page, context } = await site.open('/jobs?label.of=offer');
    await page.getByRole('heading', { name: 'No job matches' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await handIn(3);
    await handIn(1, { labels: { of: 'offer' } });
    await page.getByRole('button', { name: '1 new job: show' }).click();
    await rowsAre(page, 1);
    await context.close();
  });

  test('deletes nothing where it is undone, and everything that was chosen where it is not', { timeout: withinMs }, async () => {
    const [kept = ''] = await handIn(1, { labels: { of: 'delete' } });
    const others = await handIn(3, { labels: { of: 'delete' } });
    const { page, context, faults } = await site.open('/jobs?label.of=delete');
    await rowsAre(page, 4);
    await page.getByRole('checkbox', { name: 'Choose all on this page' }).check();
    await page.getByText('4 jobs chosen').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Delete' }).click();
    await rowsAre(page, 0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await rowsAre(page, 4);
    expect(await Promise.all([kept, ...others].map(isThere))).toEqual([true, true, true, true]);

    const boxes = page.getByRole('checkbox', { name: /Select/ });
    await boxes.nth(0).click();
    await boxes.nth(2).click({ modifiers: ['Shift'] });
    await page.getByText('3 jobs chosen').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await rowsAre(page, 1);
    // Nothing is asked of the server while it can be undone.
    expect(await Promise.all(others.map(isThere))).toEqual([true, true, true]);
    await page.getByText('3 jobs deleted.').waitFor();
    expect(await Promise.all([kept, ...others].map(isThere))).toEqual([true, false, false, false]);
    await rowsAre(page, 1);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('deletes what was chosen when the page is left before', async () => {
    const [id = ''] = await handIn(1, { labels: { of: 'leave' } });
    const { page, context } = await site.open('/jobs?label.of=leave');
    await page.getByRole('checkbox', { name: /Select/ }).check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.goto(`${site.server.url}/docs/`);
    await eventually('it is deleted', async () => !(await isThere(id)));
    await context.close();
  });

  test('cancels all that match, also those that are not shown', async () => {
    const ids = await handIn(60, { labels: { of: 'all' } });
    const { page, context, faults } = await site.open('/jobs?label.of=all');
    await rowsAre(page, 50);
    await page.getByRole('checkbox', { name: 'Choose all on this page' }).check();
    await page.getByRole('button', { name: 'Choose all that match' }).click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel them' }).click();
    await page.getByText('60 jobs canceled.').waitFor();
    expect((await site.client.list({ state: 'canceled', labels: { of: 'all' }, limit: 100 })).items).toHaveLength(ids.length);
    await page.locator('[data-job]').first().getByText('Canceled').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('is used by keyboard alone', async () => {
    const [older = '', newer = ''] = await handIn(2, { labels: { of: 'keys' } });
    const { page, context } = await site.open('/jobs?label.of=keys');
    await rowsAre(page, 2);
    const first = page.locator(`[data-job="${newer}"]`);
    await page.keyboard.press('j');
    await expect
      .poll(() =>
        first
          .getByRole('link')
          .first()
          .evaluate((link) => link === document.activeElement),
      )
      .toBe(true);
    await page.keyboard.press('x');
    await page.getByText('1 job chosen').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/jobs/${older}`);
    await page.goBack();
    await rowsAre(page, 2);
    await context.close();
  });

  test('of many jobs is there soon, and goes on page by page with few rows in the document', {
    timeout: 10 * withinMs,
  }, async () => {
    for (let left = jobsMany; left > 0; left -= batchMax)
      await handIn(Math.min(left, batchMax), { labels: { of: 'many', half: left % 2 === 0 ? 'even' : 'odd' } });
    const { page, context } = await site.open('/docs/');
    const figures: string[] = [];
    for (const path of ['/jobs', '/jobs?state=queued&service=thumbnails', '/jobs?label.of=filters', '/jobs?label.half=none']) {
      const begun = performance.now();
      await page.goto(site.server.url + path);
      await page
        .locator('[data-job]')
        .or(page.getByRole('heading', { name: 'No job matches' }))
        .first()
        .waitFor();
      figures.push(`${path} ${Math.round(performance.now() - begun)} ms`);
    }
    await page.goto(`${site.server.url}/jobs`);
    const first = await page.locator('[data-job]').first().getAttribute('data-job');
    await rowsAre(page, 50);
    await page.getByRole('link', { name: 'Older' }).click();
    await expect.poll(() => page.locator('[data-job]').first().getAttribute('data-job')).not.toBe(first);
    await rowsAre(page, 50);
    await page.getByRole('link', { name: 'Newer', exact: true }).click();
    await expect.poll(() => page.locator('[data-job]').first().getAttribute('data-job')).toBe(first);
    console.log(`With ${jobsMany} jobs, first rows: ${figures.join(', ')}`);
    await context.close();
  });

  test('draws on while a thousand events a second come', { timeout: 5 * withinMs }, async () => {
    const [watched = ''] = await handIn(1);
    const list = await site.open('/jobs');
    const job = await site.open(`/jobs/${watched}`);
    for (const { page } of [list, job]) await page.getByText('Live', { exact: true }).waitFor();
    let sent = 0;
    const load = async () => {
      const begun = performance.now();
      for (; sent < loadSeconds * 1_000; sent += 250) {
        await handIn(250);
        // Not faster than a thousand a second.
        await new Promise((resolve) => setTimeout(resolve, begun + sent + 250 - performance.now()));
      }
      return performance.now() - begun;
    };
    let ms = 0;
    const gaps: string[] = [];
    const measured = (name: string, page: Page, work: () => Promise<unknown>) => async () => {
      const { frames, p95Ms, worstMs } = await frameGapsDuring(page, work);
      gaps.push(`${name}: ${frames} frames, p95 ${p95Ms} ms, worst ${worstMs} ms`);
    };
    await measured(
      'job',
      job.page,
      measured('list', list.page, async () => {
        ms = await load();
        await list.page.getByRole('button', { name: '1,000+ new jobs: show' }).waitFor();
      }),
    )();
    console.log(`${Math.round((sent / ms) * 1_000)} events a second for ${Math.round(ms / 1_000)} s; ${gaps.join('; ')}`);
    // The page still does what it is asked: its connection has not been given up on the way.
    await list.page.getByRole('button', { name: '1,000+ new jobs: show' }).click();
    await site.client.cancel(watched);
    await expect.poll(() => job.page.getByText('Live', { exact: true }).count()).toBe(1);
    await list.page.getByRole('button', { name: 'show' }).waitFor({ state: 'detached' });
    await list.context.close();
    await job.context.close();
  });
});

async function rowsAre(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.locator('[data-job]').count(), { timeout: withinMs }).toBe(count);
}

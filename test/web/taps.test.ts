import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type Beer, createClient } from '../../src/client/client.ts';
import { accessibilityFaults, hasBrowser, serverAndBrowser, withinMs } from '../support/browser.ts';
import { frameGapsDuring } from '../support/frames.ts';
import { eventually, temporaryFolder } from '../support/program.ts';
import { startTap } from '../support/tap-program.ts';

/**
 * The page of the taps in a real browser, with real taps. COATCHECK_TEST_POURS_FAST: how many pours are sent as fast as they go (1,000),
 * a thousand a second at most.
 */
const poursFast = Number(process.env.COATCHECK_TEST_POURS_FAST ?? 1_000);
/** They share a commit: the disk may be slow. */
const sentAtOnce = 64;
const pageSize = 50;

const site = serverAndBrowser(['--workers', '0', '--tap-report-interval', '1s']);

const pour = (tapId: number, volume: number, pouredAt?: string): Promise<Beer> =>
  site.client.pour({ tapId, volume, ...(pouredAt === undefined ? {} : { pouredAt }) });
const rows = (page: Page) => page.locator('[data-beer]');
const beersAre = (page: Page, count: number) => expect.poll(() => rows(page).count(), { timeout: withinMs }).toBe(count);
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const lines = (page: Page) => region(page, 'What happens').getByRole('listitem');
/** How many the chart says were poured. */
const charted = async (page: Page): Promise<number> => {
  const label = await region(page, 'Pours').getByRole('img').getAttribute('aria-label');
  return Number(/minutes: ([\d,]+);/.exec(label ?? '')?.[1]?.replaceAll(',', ''));
};
const isCharted = (page: Page, count: number) => expect.poll(() => charted(page), { timeout: withinMs }).toBe(count);
const total = (page: Page, text: string) => region(page, 'Beers').getByText(`${text}, newest first`).waitFor();
const tap = (page: Page, id: number) =>
  region(page, 'Taps')
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: `Tap ${id}`, exact: true }) });

describe.runIf(hasBrowser)('the page of the taps', () => {
  test('tells how to start a tap where there is no beer, and shows the first one at once', async () => {
    const { page, context, faults } = await site.open('/taps');
    await page.getByRole('heading', { name: 'No beers yet' }).waitFor();
    await page.getByText(`npx coatcheck tap --id 1 --server ${site.server.url}`).waitFor();
    await page.getByRole('button', { name: 'Copy' }).waitFor();
    const listening = new AbortController();
    const heard = drain(site.client.watchBeers({ tap: 7, signal: listening.signal }));
    await page.getByRole('heading', { name: 'a tap is connected' }).waitFor();
    await pour(7, 480);
    await beersAre(page, 1);
    await lines(page).getByText('Tap 7 poured a pint, 480 ml').waitFor();
    await total(page, '1 beer');
    await region(page, 'Taps').getByText('1 of 1 connected').waitFor();
    await isCharted(page, 1);
    listening.abort();
    await heard;
    await region(page, 'Taps').getByText('0 of 1 connected').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows shares, a chart and what happens as it happens, and can be held', async () => {
    const { page, context, faults } = await site.open('/taps');
    await total(page, '1 beer');
    // With the connection there, the page reads its list once more: what comes after that is new to it.
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    await pour(7, 250);
    await pour(7, 900);
    await pour(3, 300);
    await tap(page, 7).getByText('75%').waitFor();
    await tap(page, 3).getByText('25%').waitFor();
    await tap(page, 3).getByText('1 beer', { exact: true }).waitFor();
    await isCharted(page, 4);
    await lines(page).getByText('Tap 7 poured a stein, 900 ml').waitFor();
    await lines(page).getByText('Shares: tap 7 75%, tap 3 25%').waitFor();
    // Nothing moves under the finger.
    await beersAre(page, 1);
    await page.getByRole('button', { name: '3 new beers: show' }).click();
    await beersAre(page, 4);

    await page.getByRole('button', { name: 'Hold' }).click();
    const before = await lines(page).allTextContents();
    const { id } = await pour(3, 400, new Date(Date.now() - 120_000).toISOString());
    await tap(page, 3).getByText('40%').waitFor();
    expect(await lines(page).allTextContents()).toEqual(before);
    await page.getByRole('button', { name: 'Go on' }).click();
    await lines(page).getByText('Tap 3 poured a pint, 400 ml').waitFor();
    // A pour that comes late stands where it was poured; one that was removed is not counted.
    await isCharted(page, 5);
    await page.getByRole('button', { name: '1 new beer: show' }).click();
    await beersAre(page, 5);
    await site.client.removeBeer(id);
    await lines(page).getByText('Deleted: a pint, 400 ml of tap 3').waitFor();
    await page.locator(`[data-beer="${id}"]`).getByText('Deleted').waitFor();
    await isCharted(page, 4);
    await total(page, '4 beers');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('is filtered by glass, tap and time in the address, has pages, and Back leads to what was shown before', async () => {
    const long = 3_600_000;
    await Promise.all(
      Array.from({ length: pageSize + 10 }, (_, at) => pour(12, 500, new Date(Date.now() - 3 * long - at * 1_000).toISOString())),
    );
    await Promise.all([pour(13, 950), pour(13, 200)]);
    const { page, context, faults } = await site.open('/taps?tapId=12');
    await total(page, `${pageSize + 10} beers`);
    await beersAre(page, pageSize);
    await page.getByText('Page 1 of 2').waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await beersAre(page, 10);
    expect(new URL(page.url()).search).toBe('?tapId=12&page=2');
    await page.reload();
    await beersAre(page, 10);
    await page.goBack();
    await beersAre(page, pageSize);
    await page.getByRole('navigation', { name: 'Glass' }).getByRole('link', { name: 'Stein' }).click();
    await page.getByRole('heading', { name: 'No beer matches' }).waitFor();
    expect(new URL(page.url()).search).toBe('?type=stein&tapId=12');
    await page.getByRole('search').getByLabel('Tap').selectOption('Tap 13');
    await beersAre(page, 1);
    await isCharted(page, 1);
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('search').getByLabel('Poured').selectOption('Last hour');
    await page.waitForURL(/from=/);
    await tap(page, 13).getByRole('link').click();
    await beersAre(page, 2);
    // What passes is told, what does not is not.
    await pour(7, 100);
    await pour(13, 101);
    await lines(page).getByText('Tap 13 poured a half, 101 ml').waitFor();
    expect(await lines(page).getByText('Tap 7').count()).toBe(0);
    await page.goto(`${site.server.url}/taps?from=yesterday`);
    await page.getByRole('alert').getByText('from').first().waitFor();
    await page.getByRole('link', { name: 'Show all beers' }).click();
    await rows(page).first().waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('deletes a beer where it is not undone, or the page is left before', async () => {
    const [kept, gone, left] = [await pour(31, 111), await pour(31, 112), await pour(31, 113)];
    const isThere = async ({ id }: Beer) => (await fetch(`${site.server.url}/v1/beers/${id}`)).status === 200;
    const { page, context, faults } = await site.open('/taps?tapId=31');
    await beersAre(page, 3);
    const remove = (volume: number) => page.getByRole('button', { name: `Delete the half of ${volume} ml from tap 31` });
    await remove(113).focus();
    await page.keyboard.press('Enter');
    await beersAre(page, 2);
    await expect.poll(() => remove(112).evaluate((button) => button === document.activeElement)).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await beersAre(page, 3);

    await remove(112).click();
    await beersAre(page, 2);
    expect(await isThere(gone)).toBe(true);
    await total(page, '2 beers');
    expect(await isThere(gone)).toBe(false);
    await beersAre(page, 2);
    await remove(113).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.goto(`${site.server.url}/docs/`);
    await eventually('it is deleted', async () => !(await isThere(left)));
    expect(await isThere(kept)).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('stays right while the server is killed and started again, and says so', async () => {
    const folder = await temporaryFolder();
    const { page, context, faults } = await site.open('/taps?tapId=41');
    await page.getByRole('heading', { name: 'No beer matches' }).waitFor();
    const flags = ['--id', '41', '--server', site.server.url, '--keep', join(folder.path, 'pours'), '--every', '100ms'];
    const pouring = startTap(flags);
    const sent = () => pouring.lines('tap.sent').length;
    await eventually('some are poured', () => sent() > 5, withinMs);
    await lines(page).first().waitFor();
    await site.server.end('SIGKILL');
    await page.getByText('The server does not answer').waitFor();
    await eventually('some are kept', () => pouring.lines('tap.poured').length > sent() + 5, withinMs);
    const before = sent();
    await site.startAgain();
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
    await page.getByText('Connected again. Nothing was missed.').waitFor();
    await eventually('all are sent', () => sent() > before + 10 && pouring.lines('tap.back').length > 0, withinMs);
    expect(await pouring.end('SIGTERM')).toBe(0);

    const { items, total: count } = await site.client.beers({ tapId: 41, pageSize: 500 });
    // The last one may have been stored without the tap having heard of it.
    const made = pouring.lines('tap.poured').length;
    expect([made, made - Number(pouring.lines('tap.ended')[0]?.kept)]).toContain(count);
    await isCharted(page, count);
    await total(page, `${count} beers`);
    await tap(page, 41).getByText(`${count} beers`).waitFor();
    // Each was told once: those of the time in which the page was cut off, too.
    const told = (await lines(page).getByText('Tap 41 poured').allTextContents()).sort();
    const shown = items.slice(0, told.length).map(({ type, volume }) => `Tap 41 poured a ${type}, ${volume} ml`);
    expect(told).toEqual(shown.sort());
    expect(faults).toEqual([]);
    await context.close();
    await folder.remove();
  });

  test('draws on while a thousand pours a second come', { timeout: 5 * withinMs }, async () => {
    const { page, context, faults } = await site.open('/taps?tapId=51');
    await page.getByRole('heading', { name: 'No beer matches' }).waitFor();
    const client = createClient({ baseUrl: site.server.url });
    const begun = performance.now();
    let ms = 0;
    const { frames, p95Ms, worstMs } = await frameGapsDuring(page, async () => {
      let sent = 0;
      const send = async () => {
        while (sent < poursFast) {
          sent += 1;
          const due = begun + sent;
          // As taps do: a reading needs no key besides.
          await client.pour({ tapId: 51, volume: 100 + (sent % 900), readingId: `${sent}` });
          await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        }
      };
      await Promise.all(Array.from({ length: sentAtOnce }, send));
      ms = performance.now() - begun;
      await total(page, `${poursFast.toLocaleString('en-GB')} beers`);
    });
    console.log(`${Math.round((poursFast / ms) * 1_000)} pours a second: ${frames} frames, p95 ${p95Ms} ms, worst ${worstMs} ms`);
    await isCharted(page, poursFast);
    await tap(page, 51)
      .getByText(`${poursFast.toLocaleString('en-GB')} beers`)
      .waitFor();
    // The page still does what it is asked.
    await page.getByRole('navigation', { name: 'Glass' }).getByRole('link', { name: 'Half' }).click();
    await page.getByText(/^Page 1 of \d+$/).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of events);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}

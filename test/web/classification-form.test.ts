import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { accessibilityFaults, hasBrowser, serverAndBrowser, withinMs } from '../support/browser.ts';

const chart = fileURLToPath(new URL('../../src/services/classifications/samples/chart.png', import.meta.url));

const site = serverAndBrowser();

describe.runIf(hasBrowser)('the form of the ISDe app', () => {
  test('a model and an image are selected, and the scores are drawn once they are there', { timeout: 3 * withinMs }, async () => {
    await site.client.pause('classifications');
    const { page, context, faults } = await site.open('/classifications');
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(site.server.url)) foreign.push(request.url());
    });
    await page.getByLabel('Model').selectOption('Kinds of pictures');
    await page.getByLabel('Image').selectOption('harbour.jpg');
    expect(await page.locator('#preview').getAttribute('src')).toBe('/v1/services/thumbnails/samples/harbour.jpg');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('Please wait ...').waitFor();
    await site.client.resume('classifications');
    const bars = page.locator('#classificationOutput li');
    await bars.first().waitFor();
    expect(await bars.count()).toBe(5);
    expect(await page.locator('#waitText').textContent()).toBe('');
    const job = new URL(await page.getByRole('link', { name: 'This job' }).evaluate((link: HTMLAnchorElement) => link.href));
    const { data } = await (await fetch(`${site.server.url}/classifications${job.pathname.replace('/jobs', '')}`)).json();
    const [label, percent] = data[0];
    expect(await bars.first().textContent()).toBe(`${label}${percent.toFixed(3)} %`);
    const shares = await bars
      .locator('.track')
      .evaluateAll((tracks) => tracks.map((track) => (track.firstElementChild?.clientWidth ?? 0) / track.clientWidth));
    expect(shares[0]).toBeCloseTo(percent / 100, 1);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(await accessibilityFaults(page)).toEqual([]);
    expect({ faults, foreign }).toEqual({ faults: [], foreign: [] });
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Select Model and Image' }).waitFor();
    await context.close();
  });

  test('a picture of the visitor goes along; one that is damaged is told to be so, on a phone, too', {
    timeout: 3 * withinMs,
  }, async () => {
    const { page, context, faults } = await site.open('/classifications', { viewport: { width: 360, height: 740 } });
    const upload = async (name: string, buffer: Buffer) => {
      await page.getByLabel('Or a picture of yours').setInputFiles({ name, mimeType: 'image/png', buffer });
      await page.getByRole('button', { name: 'Submit' }).click();
    };
    await page.getByLabel('Or a picture of yours').setInputFiles(chart);
    expect(await page.locator('#preview').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.locator('#classificationOutput li').first().getByText('chart').waitFor();
    expect(await page.locator('#picture').evaluate((picture: HTMLImageElement) => picture.naturalWidth)).toBe(820);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('link', { name: 'Back' }).click();
    await upload('<img src=x onerror=alert(1)>.png', Buffer.from('no picture'));
    const problem = page.locator('#file-problem');
    await problem.waitFor();
    expect(await problem.textContent()).toContain('The file is');
    await upload(
      `${'long-name-without-a-space'.repeat(6)}.png`,
      Buffer.concat([readFileSync(chart).subarray(0, 45), Buffer.from('torn')]),
    );
    await page.locator('#waitText.problem').waitFor();
    expect(await page.locator('figure').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('what fails is told, and not waited for any more', { timeout: 2 * withinMs }, async () => {
    await site.client.pause('classifications');
    const { page, context } = await site.open('/classifications');
    await page.getByLabel('Image').selectOption('receipt.png');
    await page.getByRole('button', { name: 'Submit' }).click();
    const job = (await page.locator('#polling').getAttribute('jobid')) ?? '';
    await site.client.cancel(job);
    await page.getByText('The job was canceled.').waitFor();
    let asked = 0;
    page.on('request', () => {
      asked += 1;
    });
    await page.clock.install();
    await page.clock.runFor(10_000);
    expect(asked).toBe(0);
    await site.client.resume('classifications');
    await context.close();
  });
});

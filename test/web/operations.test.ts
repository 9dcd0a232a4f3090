import { readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { accessibilityFaults, hasBrowser, serverAndBrowser, withinMs } from '../support/browser.ts';
import { onePixelPng } from '../support/pictures.ts';

const sample = new URL('../../src/services/ocr/samples/', import.meta.url);

const { bavail, bsize } = await statfs(tmpdir());
/** The room here is twice what is kept free. */
const reserveBytes = Math.floor((bavail * bsize) / 2);
const site = serverAndBrowser(['--workers', '1', '--storage-reserve-bytes', String(reserveBytes)]);

describe.runIf(hasBrowser)("the operator's page", () => {
  const open = async () => {
    const tab = await site.open('/operations');
    const thumbnails = tab.page.getByRole('region', { name: 'Thumbnails' });
    const figure = (name: string) => thumbnails.getByRole('img', { name: new RegExp(`^${name}: `) });
    return { ...tab, thumbnails, figure };
  };

  test('pauses a queue, shows what waits, and lets it go on', { timeout: 2 * withinMs }, async () => {
    const { page, context, faults, thumbnails, figure } = await open();
    await thumbnails.getByRole('button', { name: 'Pause' }).click();
    await thumbnails.getByText('Paused', { exact: true }).waitFor();
    expect((await site.client.queues()).find(({ service }) => service === 'thumbnails')?.paused).toBe(true);
    const job = await site.client.submit({ service: 'thumbnails', source: new Uint8Array(onePixelPng), name: 'dot.png' });
    // Each number has its line, and each line its words.
    await expect.poll(() => figure('Waiting').getAttribute('aria-label'), { timeout: withinMs }).toMatch(/^Waiting: 1 now; /);
    await page.locator('.uplot').first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await thumbnails.getByRole('button', { name: 'Resume' }).click();
    await thumbnails.getByRole('button', { name: 'Pause' }).waitFor();
    expect((await site.client.wait(job.id)).state).toBe('succeeded');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('tries all failed jobs of a service again, once it is told that they are meant', { timeout: 2 * withinMs }, async () => {
    const torn = new Uint8Array(Buffer.concat([onePixelPng.subarray(0, 45), Buffer.from('no picture')]));
    const jobs = await Promise.all(
      [1, 2].map(() => site.client.submit({ service: 'thumbnails', source: torn, name: 'torn.png' })),
    );
    await Promise.all(jobs.map(({ id }) => site.client.wait(id)));
    await site.client.pause('thumbnails');
    const { page, context, thumbnails } = await open();
    await thumbnails.getByRole('button', { name: 'Try all failed again' }).click();
    await page.getByRole('heading', { name: 'Try 2 jobs again?' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
    expect((await site.client.list({ state: 'failed' })).items).toHaveLength(2);
    await thumbnails.getByRole('button', { name: 'Try all failed again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Try them again' }).click();
    await page.getByText('2 jobs waiting again.').waitFor();
    expect((await site.client.list({ state: 'queued' })).items).toHaveLength(2);

    await thumbnails.getByRole('button', { name: 'Cancel all waiting' }).click();
    await page.getByRole('heading', { name: 'Cancel 2 jobs?' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel them' }).click();
    await page.getByText('2 jobs canceled.').waitFor();
    await site.client.resume('thumbnails');
    await context.close();
  });

  test('shows what each executor does, what is kept, and which programs do the work', { timeout: 2 * withinMs }, async () => {
    const { page, context } = await open();
    const storage = page.getByRole('region', { name: 'Storage' });
    await storage.getByText('Room left').waitFor();
    expect((await site.client.storage()).reserveBytes).toBe(reserveBytes);
    await storage.getByText(/^Only .* are left$/).waitFor();
    await storage.getByText(/^Below \d.* new files are refused\./).waitFor();
    await page.getByRole('region', { name: 'Versions' }).getByText('Engine: ').first().waitFor();
    const worker = page.getByRole('region', { name: /^Worker on / });
    const scan = new Uint8Array(await readFile(new URL('letter.jpg', sample)));
    const ids: string[] = [];
    // One after the other keeps the executor busy until a look has met it.
    const isSeen = async () => {
      const { id } = await site.client.submit({ service: 'ocr', source: scan, name: 'scan.png', fresh: true });
      ids.push(id);
      await site.client.wait(id);
      return seen;
    };
    let seen: string | null = null;
    const link = worker.getByRole('link', { name: 'Text recognition' });
    const looking = link
      .first()
      .getAttribute('href')
      .then((href) => {
        seen = href;
      });
    await expect.poll(isSeen, { timeout: withinMs }).not.toBeNull();
    await looking;
    expect(ids.map((id) => `/jobs/${id}`)).toContain(seen);
    await context.close();
  });

  test('keeps what it knew while the server is started again', { timeout: 2 * withinMs }, async () => {
    const { page, context, thumbnails, figure } = await open();
    await figure('Waiting').waitFor();
    await site.server.end('SIGKILL');
    await page.getByText('The server does not answer').waitFor();
    await thumbnails.getByText('Waiting', { exact: true }).waitFor();
    await site.startAgain();
    await page.getByText('The server does not answer').waitFor({ state: 'detached' });
    await thumbnails.getByRole('button', { name: 'Pause' }).waitFor();
    await context.close();
  });
});

import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createClient, type JobView } from '../../src/client/client.ts';
import { accessibilityFaults, hasBrowser, openTab, serverAndBrowser, withinMs } from '../support/browser.ts';
import { drawnText } from '../support/letters.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, startProgram, temporaryFolder } from '../support/program.ts';
import { tiffOf } from '../support/tiff.ts';

const samples = new URL('../../src/services/ocr/samples/', import.meta.url);

const site = serverAndBrowser();

describe.runIf(hasBrowser)('the page of a job', () => {
  const open = ({ id }: { id: string }) => site.open(`/jobs/${id}`);

  test('shows how far a scan is, page by page, then its words over its picture', { timeout: 2 * withinMs }, async () => {
    await site.client.pause('ocr');
    const job = await site.client.submit({
      service: 'ocr',
      source: await scan(2),
      name: 'minutes.pdf',
      options: { force: true },
    });
    const { page, context, faults } = await open(job);
    await page.getByRole('heading', { level: 1, name: 'minutes.pdf' }).waitFor();
    await page.getByText('Waiting', { exact: true }).waitFor();
    await site.client.resume('ocr');
    await page.getByText(/page \d of 2/i).waitFor();
    await page.getByText('Done', { exact: true }).first().waitFor();

    const inPicture = page.getByRole('option', { name: 'Harbour' }).first();
    const inText = page.getByRole('region', { name: 'Text of page 1' }).getByText('Harbour').first();
    await page.getByRole('img', { name: 'Page 1' }).waitFor();
    await inPicture.hover();
    await expect.poll(() => inText.getAttribute('class')).toContain('linked-near');
    await page.getByRole('tab', { name: 'Result' }).hover();
    await expect.poll(() => inText.getAttribute('class')).not.toContain('linked-near');
    await inText.hover();
    await expect.poll(() => inPicture.getAttribute('class')).toContain('linked-near');
    await inPicture.click();
    expect(await page.evaluate(() => String(getSelection()))).toBe('Harbour');
    await expect.poll(() => inPicture.getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Lamp');

    await page.getByRole('button', { name: /Page 2/ }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.reload();
    await page.getByRole('region', { name: 'Text of page 2' }).getByText('Harbour').first().waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows what kind of picture it is, and one click hands the same file to the service that is suggested', async () => {
    const source = await readFile(new URL('../../classifications/samples/table.png', samples));
    const job = await site.client.submit({ service: 'classifications', source: new Uint8Array(source), name: 'prices.png' });
    const { result } = await site.client.wait(job.id).then(async ({ id }) => ({ result: await site.client.result(id) }));
    const { page, context, faults } = await open(job);
    await page.getByRole('heading', { level: 2, name: 'table' }).waitFor();
    const labels = page.getByRole('region', { name: 'Labels' }).getByRole('listitem');
    expect(await labels.count()).toBe(5);
    await labels
      .first()
      .getByText(/^\d+(\.\d+)?\s?%$/)
      .waitFor();
    const widths = await labels.evaluateAll((rows) =>
      rows.map((row) => row.querySelector('.classification-result-bar')?.getBoundingClientRect().width ?? 0),
    );
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(result).toMatchObject({ model: 'kinds', labels: [{ label: 'table' }, {}, {}, {}, {}] });
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Take out its tables' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/jobs/') && !url.pathname.endsWith(job.id));
    const next = await site.client.job(new URL(page.url()).pathname.slice('/jobs/'.length));
    expect(next).toMatchObject({ service: 'tables', source: { file: job.source?.file } });
    expect(faults).toEqual([]);
    await context.close();
  });

  test('says why a job failed, and tries again', async () => {
    const png = Buffer.concat([onePixelPng.subarray(0, 45), Buffer.from('nothing that could be a picture')]);
    const job = await site.client.submit({ service: 'thumbnails', source: new Uint8Array(png), name: 'torn.png' });
    await site.client.wait(job.id);
    const { page, context, faults } = await open(job);
    const alert = page.getByRole('alert');
    await alert.getByText('The file is damaged or cannot be decoded').waitFor();
    expect(await alert.getByRole('link').getAttribute('href')).toBe('/problems/unprocessable-media');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Try again' }).click();
    const history = page.getByRole('list', { name: 'What happened' });
    await history.getByText('Handed in again').waitFor();
    await expect.poll(() => history.getByText('Attempt 1').count()).toBe(2);
    await alert.getByText('The file is damaged or cannot be decoded').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows what was done before a job failed', async () => {
    const note = await sharp(drawnText(['A SMALL NOTE']))
      .png()
      .toBuffer();
    const tiff = await tiffOf([note, note]);
    const source = new Uint8Array(tiff.subarray(0, tiff.length - 300));
    const job = await site.client.submit({ service: 'ocr', source, name: 'torn.tif', options: { partial: true } });
    await site.client.wait(job.id);
    const { page, context, faults } = await open(job);
    await page.getByRole('alert').getByText('What was done before it failed is shown below.').waitFor();
    await page.getByRole('option', { name: 'NOTE' }).hover();
    await expect.poll(() => page.locator('.page-text .linked-near').textContent()).toBe('NOTE');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('makes a further output of the same file, and shows that job instead', async () => {
    const source = new Uint8Array(
      await sharp(drawnText(['A SMALL NOTE']))
        .png()
        .toBuffer(),
    );
    const job = await site.client.submit({ service: 'ocr', source, name: 'note.png' });
    await site.client.wait(job.id);
    const { page, context, faults } = await open(job);
    await page.getByRole('button', { name: 'TSV' }).click();
    const link = page.getByRole('link', { name: 'TSV' });
    const saved = page.waitForEvent('download');
    await link.click();
    expect(await readFile(await (await saved).path(), 'utf8')).toContain('NOTE');
    expect(page.url()).not.toContain(job.id);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows the tables that were found over the page, and the cells of one beside it', { timeout: 2 * withinMs }, async () => {
    const source = await readFile(new URL('../../tables/samples/harbour.pdf', samples));
    const job = await site.client.submit({
      service: 'tables',
      source,
      name: 'harbour.pdf',
      options: { outputs: ['json', 'csv', 'xlsx', 'html', 'xml', 'text'] },
    });
    const { page, context, faults } = await open(job);
    const picture = page.getByRole('img', { name: 'Page 1' });
    await picture.waitFor();
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(500);
    await page.getByRole('cell', { name: 'Three Brothers' }).waitFor();
    await page.getByRole('button', { name: 'Table 2' }).click();
    await page.getByRole('cell', { name: 'Glass shades' }).waitFor();
    await page.getByRole('combobox', { name: 'Which table' }).selectOption('Table 1, page 1');
    await page.getByRole('cell', { name: 'Three Brothers' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Table 1' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('region', { name: 'Cells of the table' }).focus();
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Cells of the table');
    // The picture was drawn by a job that is nobody's.
    await eventually(
      'the job that drew the picture is gone',
      async () => {
        const { items } = await site.client.list({ service: 'thumbnails' });
        return items.every(({ source: drawn }) => drawn?.file !== job.source?.file);
      },
      withinMs,
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('gives the files of a table to be saved, each of which opens', { timeout: 2 * withinMs }, async () => {
    const source = await readFile(new URL('../../tables/samples/harbour.pdf', samples));
    const outputs = ['csv', 'xlsx', 'html', 'xml', 'text'];
    const job = await site.client.submit({ service: 'tables', source, name: 'harbour.pdf', options: { outputs } });
    const { page, context, faults } = await open(job);
    const saved = async (name: string) => {
      const link = page.getByRole('link', { name, exact: true });
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    await page.getByRole('combobox', { name: 'Which table' }).selectOption({ index: 1 });
    const [csv, zip, xlsx] = [await saved('This as CSV'), await saved('All as CSV'), await saved('XLSX')];
    expect([csv.name, zip.name, xlsx.name]).toEqual(['harbour.2.csv', 'harbour.csv.zip', 'harbour.xlsx']);
    expect(csv.bytes.toString()).toContain('Tin,105,84,160\r\n');
    expect(Buffer.from(unzipSync(zip.bytes)['harbour.2.csv'] ?? [])).toEqual(csv.bytes);
    const sheet = Buffer.from(unzipSync(xlsx.bytes)['xl/worksheets/sheet2.xml'] ?? []).toString();
    const read = [...sheet.matchAll(/<c r="(\w+)"[^>]*>(?:<is><t[^>]*>|<v>)([^<]*)/g)].map(
      ([, place, text]) => `${place} ${text}`,
    );
    expect(read).toEqual(expect.arrayContaining(['A5 Glass shades', 'B5 33', 'C5 12', 'D5 47']));
    expect((await saved('HTML')).bytes.toString()).toContain('<th colspan="2">Tons</th>');
    expect((await saved('XML')).bytes.toString()).toContain('>Brothers</word>');
    expect((await saved('Text')).bytes.toString()).toContain('Tin\t105\t84\t160\n');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows thumbnails at their sizes, beside the original', async () => {
    const source = new Uint8Array(
      await sharp({ create: { width: 900, height: 600, channels: 3, background: '#356' } })
        .png({ compressionLevel: 0 })
        .toBuffer(),
    );
    const sizes = [
      { width: 90, height: 90, fit: 'contain' },
      { width: 300, fit: 'inside' },
    ];
    const job = await site.client.submit({ service: 'thumbnails', source, name: 'blue.png', options: { sizes } });
    const { page, context, faults } = await open(job);
    const made = page.getByRole('region', { name: 'Thumbnails' });
    for (const [width, height] of [
      [90, 90],
      [300, 200],
    ]) {
      const picture = made.getByRole('img', { name: `Thumbnail of ${width} × ${height} pixels` });
      await picture.waitFor();
      await expect
        .poll(() => picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]))
        .toEqual([width, height]);
      expect(await picture.boundingBox()).toMatchObject({ width, height });
    }
    await made.getByText('smaller').first().waitFor();
    await page.getByText('900 × 600').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('says that the server is gone when it is killed, and shows the end of the job when it is back, without a reload', {
    timeout: 3 * withinMs,
  }, async () => {
    const job = await site.client.submit({ service: 'ocr', source: await scan(6), name: 'long.pdf', options: { force: true } });
    const { page, context, faults } = await open(job);
    await page.evaluate(() => document.body.setAttribute('data-loaded', 'once'));
    await page.getByText(/page 2 of 6/i).waitFor();
    await site.server.end('SIGKILL');
    await page.getByText('The connection to the server is lost').waitFor();
    await site.startAgain();
    await page.getByText('Connected again').waitFor();
    await page.getByText('The connection to the server is lost').waitFor({ state: 'hidden' });
    await page
      .getByText('Done', { exact: true })
      .first()
      .waitFor({ timeout: 2 * withinMs });
    await page.getByRole('option', { name: 'Harbour' }).first().waitFor();
    expect(await page.evaluate(() => document.body.dataset.loaded)).toBe('once');
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByText('Handed back').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('cancels in one tab and shows it in the other; a deletion can be undone', async () => {
    const job = await submitLater();
    const [one, other] = await Promise.all([open(job), open(job)]);
    await other.page.getByRole('button', { name: 'Cancel' }).waitFor();
    await one.page.getByRole('button', { name: 'Cancel' }).click();
    for (const { page } of [one, other]) await page.getByText('The job was canceled').waitFor();
    await one.page.getByRole('button', { name: 'Delete' }).click();
    await one.page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => one.page.getByRole('button', { name: 'Delete' }).isEnabled()).toBe(true);
    await site.client.remove(job.id);
    for (const { page } of [one, other]) await page.getByText('This job was deleted').waitFor();
    for (const { faults, context } of [one, other]) {
      expect(faults).toEqual([]);
      await context.close();
    }
  });

  test('deletes a job after its time to undo, and leads to all jobs', async () => {
    const job = await submitLater();
    const { page, context } = await open(job);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('is being deleted').waitFor();
    expect((await site.client.job(job.id)).state).toBe('queued');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.waitForURL(`${site.server.url}/jobs`);
    await expect(site.client.job(job.id)).rejects.toMatchObject({ status: 404 });
    await context.close();
  });

  test('says that a result is no longer kept', async () => {
    const own = await temporaryFolder();
    const forgetful = await startProgram(own.path, ['--workers', '1', '--result-retention', '1ms']);
    const its = createClient({ baseUrl: forgetful.url });
    const submit = () => its.submit({ service: 'thumbnails', source: new Uint8Array(onePixelPng), fresh: true });
    const { id } = await submit();
    await its.wait(id);
    // What is past its time goes when the next round clears up, which a deletion brings about.
    await eventually('the result has gone', async () => {
      await its.remove((await submit()).id);
      return (await fetch(`${forgetful.url}/v1/jobs/${id}/result`)).status === 410;
    });
    const { page, context, faults } = await openTab(site.browser, `${forgetful.url}/jobs/${id}`);
    await page.getByText('The result is no longer kept').waitFor();
    expect(faults).toEqual([]);
    await context.close();
    await forgetful.end('SIGTERM');
    await own.remove();
  });

  test('says of an unknown id that there is no such job', async () => {
    const { page, context } = await open({ id: '0198c5f0-1111-7000-8000-000000000001' });
    await page.getByRole('heading', { name: 'There is no such job' }).waitFor();
    await context.close();
  });
});

function submitLater(): Promise<JobView> {
  return site.client.submit({
    service: 'thumbnails',
    source: new Uint8Array(onePixelPng),
    name: 'later.png',
    runAt: '10m',
    fresh: true,
  });
}

/** The first page of the sample so many times. */
async function scan(pages: number): Promise<Uint8Array<ArrayBuffer>> {
  const sample = await PDFDocument.load(await readFile(new URL('minutes.pdf', samples)));
  const made = await PDFDocument.create();
  for (let number = 0; number < pages; number += 1) {
    const [page] = await made.copyPages(sample, [0]);
    if (page !== undefined) made.addPage(page);
  }
  return new Uint8Array(await made.save());
}

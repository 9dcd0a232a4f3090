import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { accessibilityFaults, hasBrowser, openBrowser, openTab, withinMs } from '../support/browser.ts';
import { type Origin, openOrigin } from '../support/origin.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** The page at `/` as a person uses it, in a real browser against a server process. */

const source = (path: string): string => fileURLToPath(new URL(`../../src/services/${path}`, import.meta.url));
const letter = source('ocr/samples/letter.jpg');
const receipt = source('ocr/samples/receipt.png');
const minutes = source('ocr/samples/minutes.pdf');
const weightMax = 60_000;

let browser: Browser;
let program: Program;
let origin: Origin;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
vi.setConfig({ testTimeout: 2 * withinMs });

const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await temporaryFolder();
  origin = await openOrigin(async (_request, response) => void response.end(await readFile(letter)));
  program = await startProgram(join(folder.path, 'data'), ['--allow-source', `127.0.0.1:${origin.port}`]);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await program?.end('SIGTERM');
  await origin?.close();
  await folder?.remove();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(options: BrowserContextOptions = {}, url = program.url): Promise<Page> {
  const tab = await openTab(browser, url, options);
  closing.push(async () => {
    await tab.context.close();
    expect(tab.faults).toEqual([]);
  });
  return tab.page;
}

async function choose(page: Page, ...files: string[]): Promise<void> {
  await page.getByLabel('Files', { exact: true }).setInputFiles(files);
}

const go = (page: Page) => page.getByRole('button', { name: /^Hand in/ });
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
const jobPath = /\/jobs\/([0-9a-f-]{36})$/;

async function jobOf(page: Page) {
  await page.waitForURL(jobPath);
  const id = jobPath.exec(page.url())?.[1];
  return createClient({ baseUrl: program.url }).wait(id ?? '');
}

/** What the system does when something is dropped, folders too. */
async function drop(page: Page, ...files: string[]): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver'] as const)
    await client.send('Input.dispatchDragEvent', { type, x: 900, y: 500, data });
  await page.getByText('Let go to add it').waitFor();
  await client.send('Input.dispatchDragEvent', { type: 'drop', x: 900, y: 500, data });
}

/** A bitmap of any size, which compresses to nothing and is told by its header. */
async function bitmap(name: string, width: number, height: number): Promise<string> {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + width * height * 3, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  const path = join(folder.path, name);
  await writeFile(path, Buffer.concat([head, Buffer.alloc(width * height * 3, 255)]));
  return path;
}

describe.skipIf(!hasBrowser)('the page to hand in files', () => {
  test('a file is chosen, options are set and kept over a reload, and it is handed in with what differs from the defaults', async () => {
    const page = await open();
    await choose(page, letter);
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    await page.getByLabel('Width, line 1').fill('64');
    await page.getByRole('button', { name: 'Add one' }).click();
    await page.getByLabel('Height, line 2').fill('');
    await page.getByLabel('Fit, line 2').selectOption('inside');
    await page.getByRole('radio', { name: 'WebP' }).check({ force: true });
    await page.reload();
    await choose(page, letter);
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    await expect.poll(() => page.getByLabel('Width, line 2').inputValue(), { timeout: withinMs }).toBe('64');
    await go(page).click();
    const job = await jobOf(page);
    expect(job).toMatchObject({ service: 'thumbnails', state: 'succeeded', source: { name: 'letter.jpg' } });
    expect(job.options).toMatchObject({
      format: 'webp',
      sizes: [
        { width: 64, height: 100, fit: 'cover' },
        { width: 64, fit: 'inside' },
      ],
    });
    await page.goBack();
    await page.getByRole('radio', { name: 'Thumbnails' }).and(page.locator(':checked')).waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await page.getByLabel('Width, line 1').inputValue()).toBe('100');
  });

  test('the keyboard alone is enough', async () => {
    const page = await open();
    // Listened for before anything else: the browser takes a moment until it hands choosers over.
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('radio', { name: 'Thumbnails' }).waitFor();
    await page.keyboard.press('u');
    await (await chooser).setFiles(receipt);
    await row(page, 'receipt.png').waitFor();
    await expect.poll(() => go(page).evaluate((button) => button === document.activeElement), { timeout: withinMs }).toBe(true);
    await page.keyboard.press('Enter');
    expect(await jobOf(page)).toMatchObject({ service: 'thumbnails', source: { name: 'receipt.png' } });
  });

  test('of several files that are dropped, one from a folder, what cannot be taken says why; the others become live rows', async () => {
    const papers = join(folder.path, 'papers');
    await mkdir(papers);
    await writeFile(join(papers, 'receipt.png'), await readFile(receipt));
    await writeFile(join(papers, '.hidden'), 'x');
    const notes = join(folder.path, 'notes.docx');
    const empty = join(folder.path, 'empty.png');
    await writeFile(notes, 'x');
    await writeFile(empty, '');
    const page = await open();
    await page.getByRole('radio', { name: 'Thumbnails' }).waitFor();
    await drop(page, letter, papers, notes, empty);
    await row(page, 'notes.docx').getByText('.docx are not taken here. What works: pictures and PDFs.').waitFor();
    await row(page, 'empty.png').getByText('This file is empty.').waitFor();
    await page.getByRole('button', { name: 'Hand in 2 files' }).click();
    for (const name of ['letter.jpg', 'receipt.png']) await row(page, name).getByText('Done').waitFor();
    const all = await page.getByRole('link', { name: 'See all' }).getAttribute('href');
    const { items }: { items: unknown[] } = await (await fetch(`${program.url}/v1${all}`)).json();
    expect(items).toHaveLength(2);
    await row(page, 'receipt.png').getByRole('link', { name: 'Open' }).click();
    expect(await jobOf(page)).toMatchObject({ source: { name: 'receipt.png' } });
  });

  test('a service that does not take one of the files cannot be chosen and says why; papers go to text recognition', async () => {
    const page = await open();
    await choose(page, await bitmap('plan.bmp', 20, 20), minutes);
    const thumbnails = page.getByRole('radio', { name: 'Thumbnails' });
    await page.getByText('Does not take plan.bmp.').waitFor();
    expect(await thumbnails.isDisabled()).toBe(true);
    expect(await page.getByRole('radio', { name: 'Text recognition' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Remove plan.bmp' }).click();
    expect(await thumbnails.isDisabled()).toBe(false);
    expect(await page.getByRole('radio', { name: 'Text recognition' }).isChecked()).toBe(true);
  });

  test('a link and a picture are taken from the clipboard', async () => {
    const page = await open();
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    const link = `http://127.0.0.1:${origin.port}/letter.jpg`;
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, link);
    await row(page, link).getByText('Link, fetched by the server').waitFor();
    await page.evaluate(
      (bytes) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      },
      [...(await readFile(receipt))],
    );
    await row(page, 'image.png').locator('img').waitFor();
    await page.getByRole('button', { name: 'Hand in 2 files' }).click();
    await row(page, link).getByText('Done').waitFor();
    await row(page, 'image.png').getByText('Done').waitFor();
  });

  test('what is no link is not taken as one', async () => {
    const page = await open();
    await page.getByLabel('Link to a file').fill('ftp://example.org/a.png');
    await page.keyboard.press('Enter');
    await page.getByText('A link begins with https:// or http://').waitFor();
    expect(await go(page).isDisabled()).toBe(true);
  });

  test('a sample is one click away from its result', async () => {
    const openedAt = performance.now();
    const page = await open();
    await page.getByRole('button', { name: 'A letter, scanned askew' }).click();
    const job = await jobOf(page);
    console.log(`a first visitor has the text of a sample after ${((performance.now() - openedAt) / 1_000).toFixed(1)} s`);
    expect(job).toMatchObject({ service: 'ocr', state: 'succeeded', source: { name: 'letter.jpg' } });
  });

  test('what only the server finds wrong with an option stands at its field, and the file is still there', async () => {
    const page = await open();
    await choose(page, minutes);
    await page.getByRole('textbox', { name: 'Pages' }).fill('one');
    await go(page).click();
    await page.getByText('Write it like 1-3,7.').waitFor();
    await page.getByRole('textbox', { name: 'Pages' }).fill('3-1');
    await go(page).click();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Pages' }).getAttribute('aria-invalid'), { timeout: withinMs })
      .toBe('true');
    await row(page, 'minutes.pdf').waitFor();
    await page.getByRole('textbox', { name: 'Pages' }).fill('2');
    await go(page).click();
    expect(await jobOf(page)).toMatchObject({ service: 'ocr', options: { pages: '2' } });
  });

  test('on a slow network the upload tells how far it is; it can be stopped and sent again, and a lost network is said', async () => {
    const page = await open();
    const picture = await bitmap('large.bmp', 900, 900);
    await choose(page, picture, receipt);
    const network = await page.context().newCDPSession(page);
    const conditions = { offline: false, latency: 20, downloadThroughput: -1, uploadThroughput: 150_000 };
    await network.send('Network.emulateNetworkConditions', conditions);
    await page.getByRole('button', { name: 'Hand in 2 files' }).click();
    const bar = row(page, 'large.bmp').getByRole('progressbar');
    const percent = async () => Number(await bar.getAttribute('aria-valuenow', { timeout: 2_000 }).catch(() => 0));
    await eventually('the bar moves', async () => (await percent()) > 0 && (await percent()) < 100);
    await row(page, 'large.bmp')
      .getByText(/of 2.4 MB/)
      .waitFor();
    await page.getByRole('button', { name: 'Do not send large.bmp' }).click();
    await row(page, 'large.bmp').getByText('Not sent').waitFor();
    await network.send('Network.emulateNetworkConditions', { ...conditions, offline: true, uploadThroughput: -1 });
    await row(page, 'large.bmp').getByRole('button', { name: 'Send', exact: true }).click();
    await row(page, 'large.bmp').getByText('The server cannot be reached.').waitFor();
    await network.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 });
    await row(page, 'large.bmp').getByRole('button', { name: 'Send again' }).click();
    await row(page, 'large.bmp')
      .getByText(/Waiting|Running|Done/)
      .waitFor();
  });

  test('what the server refuses says why', async () => {
    const page = await open();
    const bomb = join(folder.path, 'bomb.png');
    await writeFile(bomb, pngHeader(30_000, 30_000));
    await choose(page, bomb);
    await go(page).click();
    await row(page, 'bomb.png')
      .getByText(/pixels/)
      .waitFor();
    expect(await row(page, 'bomb.png').getByRole('button', { name: 'Send again' }).count()).toBe(0);
  });

  test('a file beyond the limit is refused before it is sent, and by the server where the page does not know the limit yet', async () => {
    const data = join(folder.path, 'small');
    const before = await startProgram(data);
    const { port } = new URL(before.url);
    const page = await open({}, before.url);
    await choose(page, await bitmap('plan.bmp', 300, 300));
    await go(page).waitFor();
    await before.end('SIGTERM');
    const after = await startProgram(data, ['--port', port, '--upload-bytes-max', '100kB']);
    closing.push(() => after.end('SIGTERM'));
    await go(page).click();
    await row(page, 'plan.bmp').getByText(/limit/).waitFor();
    await page.reload();
    await choose(page, join(folder.path, 'plan.bmp'));
    await row(page, 'plan.bmp')
      .getByText(/This file has 270 kB; at most 10\d kB are taken/)
      .waitFor();
    expect(await go(page).isDisabled()).toBe(true);
  });

  test('the curl command that is shown hands in the same', async () => {
    const name = `it's; "a", file.jpg`;
    await writeFile(join(folder.path, name), await readFile(letter));
    const page = await open();
    await choose(page, join(folder.path, name));
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    await page.getByLabel('Width, line 1').fill('32');
    await page.getByText('The same from a program').click();
    const command = (await page.getByRole('region', { name: 'curl command' }).textContent()) ?? '';
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({
      service: 'thumbnails',
      source: { name },
      options: { sizes: [{ width: 32, height: 100, fit: 'cover' }] },
    });
    await page.getByRole('tab', { name: 'TypeScript' }).click();
    const code = (await page.getByRole('region', { name: 'TypeScript' }).textContent()) ?? '';
    expect(code).toContain(`options: {"sizes":[{"width":32,"height":100,"fit":"cover"}]}`);
  });

  test('a server that does not answer is said, and asked again on demand; without JavaScript the page says what it needs', async () => {
    const page = await open({}, 'about:blank');
    let isDown = true;
    await page.route('**/v1/services', (route) => (isDown ? route.abort() : route.continue()));
    await page.goto(program.url);
    await page.getByText('The server cannot be reached').waitFor();
    isDown = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('radio', { name: 'Thumbnails' }).waitFor();
    expect(await (await fetch(program.url)).text()).toMatch(/<noscript>.*needs JavaScript.*<\/noscript>/s);
  });

  test('a server without services says so', async () => {
    const page = await open({}, 'about:blank');
    await page.route('**/v1/services', (route) => route.fulfill({ json: { items: [] } }));
    await page.goto(program.url);
    await page.getByRole('heading', { name: 'No service is installed' }).waitFor();
  });

  test('nothing serious stands in the way of assistive technology', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    const notes = join(folder.path, 'minutes.docx');
    await writeFile(notes, 'x');
    await choose(page, letter, notes);
    await page.getByText('More options').click();
    await page.getByText('The same from a program').click();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test('the first view weighs at most 60 kB gzipped and asks nobody but the server', async () => {
    const page = await open({}, 'about:blank');
    const sizes: Promise<number>[] = [];
    const hosts = new Set<string>();
    page.on('response', (response) => {
      hosts.add(new URL(response.url()).host);
      if (response.status() === 200) sizes.push(response.body().then((body) => gzipSync(body).length));
    });
    const startedAt = performance.now();
    await page.goto(program.url);
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    const readyMs = performance.now() - startedAt;
    await page.waitForLoadState('networkidle');
    const weight = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    console.log(
      `the first view: ${weight} bytes gzipped in ${sizes.length} answers, can be used after ${Math.round(readyMs)} ms`,
    );
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(weight).toBeLessThanOrEqual(weightMax);
    expect([...hosts]).toEqual([new URL(program.url).host]);
  });
});

/** The beginning of a PNG, as far as it tells its size. */
function pngHeader(width: number, height: number): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d494844520000000000000000080200000000000000', 'hex');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

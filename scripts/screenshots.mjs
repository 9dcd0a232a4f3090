/**
 * Takes pictures of every page in the states worth seeing, wide and narrow, light and dark, into `screenshots/`:
 * `npm run screenshots` builds the page and takes all of them; `node scripts/screenshots.mjs job` only those whose name has "job" in it.
 * It starts a server of its own on a free port of the loopback address, with a data folder that is removed in the end.
 * COATCHECK_TEST_CHROMIUM names the browser.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PDFDocument } from 'pdf-lib';
import { createClient } from '../dist/client/client.js';
import { launchChromium } from '../test/support/chromium.mjs';

const only = process.argv.slice(2);
const root = new URL('../', import.meta.url);
const out = fileURLToPath(new URL('screenshots/', root));
const sample = (path) => fileURLToPath(new URL(`src/services/${path}`, root));
const letter = sample('ocr/samples/letter.jpg');
const minutes = sample('ocr/samples/minutes.pdf');
const receipt = sample('ocr/samples/receipt.png');
const prices = sample('classifications/samples/table.png');
const harbour = sample('thumbnails/samples/harbour.jpg');
const dues = sample('tables/samples/harbour.pdf');
const lighthouse = sample('thumbnails/samples/lighthouse.gif');
const stepMs = 30_000;
const highest = 4_000;
/** For so long the operator's page collects what its charts show. */
const chartMs = 24_000;

const looks = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
];

const isWanted = (name) => only.length === 0 || only.some((word) => name.includes(word));
const bytesOf = (path) => new Uint8Array(readFileSync(path));
const heading = (name) => (page) => page.getByRole('heading', { name }).first().waitFor();
const text = (words) => (page) => page.getByText(words).first().waitFor();
const choose = (page, ...files) => page.getByLabel('Files', { exact: true }).setInputFiles(files);

const folder = mkdtempSync(join(tmpdir(), 'coatcheck-screenshots-'));
mkdirSync(out, { recursive: true });
const server = spawn(
  process.execPath,
  [
    ...[fileURLToPath(new URL('dist/cli/main.js', root)), 'serve', '--port', '0', '--data', join(folder, 'data')],
    ...['--workers', '1', '--log-level', 'error'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const serverEnd = once(server, 'exit');
let browser;
try {
  const url = await Promise.race([
    readyUrl(),
    serverEnd.then(([code]) => Promise.reject(new Error(`the server ended: ${code}`))),
  ]);
  browser = await launchChromium(stepMs);
  await takeAll(url);
} finally {
  await browser?.close();
  server.kill('SIGKILL');
  await serverEnd;
  rmSync(folder, { recursive: true });
}

async function readyUrl() {
  for await (const line of createInterface(server.stdout)) {
    const found = /https?:\/\/\S+/.exec(line)?.[0];
    if (found !== undefined) return found;
  }
  return new Promise(() => {});
}

async function takeAll(url) {
  const client = createClient({ baseUrl: url });
  const pages = await Promise.all(looks.map((look) => openPage(look, url)));
  /** Opens `path` in every look, brings the page where `prepare` says, and takes its picture. */
  const take = async (name, path, prepare, { isWhole = true } = {}) => {
    if (!isWanted(name)) return;
    for (const { page, look } of pages) {
      await page.goto(url + path);
      await prepare(page);
      await save(name, page, look, isWhole);
    }
    console.log(name);
  };
  await takeEmpty(take);
  const jobs = await fill(client);
  await takeHandIn(take);
  await takeJobs(take, jobs);
  await takeClassificationForm(take);
  await takeTaps(take, client, url);
  if (isWanted('operations-busy')) await takeOperations(pages, url, client);
  await takeLists(take, client);
  if (isWanted('lost')) await takeLost(pages, url, jobs.later);
}

async function save(name, page, look, isWhole) {
  await page.locator('[class*=skeleton]').first().waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready);
  const path = join(out, `${name}-${look.width}-${look.colorScheme}.png`);
  // On a screen as high as the page, so that what keeps to an edge of the screen is there; what grows with the screen takes two looks.
  for (let looks = isWhole ? 2 : 0; looks > 0; looks -= 1) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: look.width, height: Math.max(look.height, Math.min(height, highest)) });
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path, animations: 'disabled' });
  await page.setViewportSize({ width: look.width, height: look.height });
}

async function openPage(look, url) {
  const { width, height, colorScheme } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    hasTouch: width < 600,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(stepMs);
  page.on('pageerror', (error) => console.error(`${page.url().slice(url.length)}: ${error}`));
  return { page, look };
}

async function takeEmpty(take) {
  await take('hand-in', '/', (page) => page.getByRole('radio', { name: 'Thumbnails' }).waitFor());
  await take('jobs-none', '/jobs', heading('No jobs yet'));
  await take('taps-none', '/taps', heading('No beers yet'));
  await take('operations-idle', '/operations', text('Room left'));
  await take('nowhere', '/jobs/a/b', heading('There is nothing at this address'));
  await take(
    'help',
    '/jobs',
    async (page) => {
      await heading('No jobs yet')(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
    { isWhole: false },
  );
}

/** Jobs in every state; the last of them still wait for the one executor. */
async function fill(client) {
  const torn = Buffer.concat([Buffer.from(readFileSync(receipt)).subarray(0, 200), Buffer.from('no picture')]);
  const wait = async (request) => client.wait((await client.submit(request)).id);
  const ocr = await wait({ service: 'ocr', source: bytesOf(letter), name: 'letter.jpg', labels: { case: 'A-17' } });
  const pdf = await wait({
    service: 'ocr',
    source: bytesOf(minutes),
    name: 'Minutes of the harbour committee, third quarter, corrected and signed (final copy 2).pdf',
    options: { force: true },
  });
  const sizes = [
    { width: 64, height: 64 },
    { width: 240, height: 240 },
    { width: 640, fit: 'inside' },
  ];
  const thumbnails = await wait({ service: 'thumbnails', source: bytesOf(harbour), name: 'harbour.jpg', options: { sizes } });
  const kind = await wait({ service: 'classifications', source: bytesOf(prices), name: 'prices.png' });
  const outputs = ['json', 'csv', 'xlsx'];
  const tables = await wait({ service: 'tables', source: bytesOf(dues), name: 'harbour.pdf', options: { outputs } });
  const scanned = await wait({ service: 'tables', source: bytesOf(prices), name: 'prices.png' });
  const tableless = await wait({ service: 'tables', source: bytesOf(letter), name: 'letter.jpg' });
  const moving = await wait({ service: 'thumbnails', source: bytesOf(lighthouse), name: 'lighthouse.gif' });
  const failed = await wait({ service: 'thumbnails', source: new Uint8Array(torn), name: 'torn.png', labels: { case: 'A-17' } });
  const canceled = await client.submit({ service: 'ocr', source: bytesOf(receipt), name: 'receipt.png', runAt: '1d' });
  await client.cancel(canceled.id);
  const later = await client.submit({ service: 'ocr', source: bytesOf(receipt), name: 'receipt.png', runAt: '3h', fresh: true });
  return { ocr, pdf, thumbnails, kind, tables, scanned, tableless, moving, failed, canceled, later };
}

async function takeHandIn(take) {
  const notes = join(folder, 'notes.docx');
  const long = join(folder, 'A scan with a rather long name that nobody would want to read on a telephone, page 1 of 12.png');
  writeFileSync(notes, 'x');
  writeFileSync(long, readFileSync(receipt));
  await take('hand-in-files', '/', async (page) => {
    await choose(page, letter, minutes, long, notes);
    await page.getByRole('radio', { name: 'Text recognition' }).check();
    await page.locator('img').first().waitFor();
  });
  await take('hand-in-options', '/', async (page) => {
    await choose(page, harbour);
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    await page.getByText('More options').click();
    await page.getByText('The same from a program').click();
  });
  await take('hand-in-done', '/', async (page) => {
    await choose(page, harbour, lighthouse, long);
    await page.getByRole('radio', { name: 'Thumbnails' }).check();
    await page.getByRole('button', { name: /^Hand in 3/ }).click();
    await page.getByRole('link', { name: 'Open' }).nth(2).waitFor();
  });
}

async function takeJobs(take, jobs) {
  const at = ({ id }) => `/jobs/${id}`;
  const ended = (page) => page.getByRole('tab', { name: 'Result' }).waitFor();
  await take('job-ocr', at(jobs.ocr), async (page) => {
    await page.getByRole('option', { name: 'Harbour' }).first().hover();
  });
  await take('job-ocr-pages', at(jobs.pdf), async (page) => {
    await page.getByRole('img', { name: 'Page 1' }).waitFor();
    await page.getByRole('option').nth(3).waitFor();
  });
  await take('job-thumbnails', at(jobs.thumbnails), (page) =>
    page
      .getByRole('img', { name: /^Thumbnail of/ })
      .nth(2)
      .waitFor(),
  );
  await take('job-kind', at(jobs.kind), (page) => page.getByRole('button', { name: 'Take out its tables' }).waitFor());
  const grid = (page) => page.getByRole('region', { name: 'Cells of the table' }).waitFor();
  await take('job-tables', at(jobs.tables), async (page) => {
    await page.getByRole('img', { name: 'Page 1' }).waitFor();
    await grid(page);
  });
  await take('job-tables-scan', at(jobs.scanned), grid);
  await take('job-tables-none', at(jobs.tableless), text('No tables were found'));
  await take('job-moving', at(jobs.moving), ended);
  await take('job-failed', at(jobs.failed), (page) => page.getByRole('alert').first().waitFor());
  await take('job-canceled', at(jobs.canceled), text('The job was canceled'));
  await take('job-unknown', '/jobs/0198c5f0-1111-7000-8000-000000000001', heading('There is no such job'));
  for (const [name, tab] of [
    ['job-history', 'History'],
    ['job-json', 'JSON'],
  ]) {
    await take(name, at(jobs.pdf), async (page) => {
      await ended(page);
      await page.getByRole('tab', { name: tab }).click();
    });
  }
  await take('job-later', at(jobs.later), text('Waiting'));
}

/** The pages of the ISDe app, which older clients know. */
async function takeClassificationForm(take) {
  const wide = join(folder, 'The price list of the harbour master, photographed from quite far away on a Sunday.png');
  const torn = join(folder, 'torn.png');
  writeFileSync(wide, readFileSync(prices));
  writeFileSync(torn, readFileSync(prices).subarray(0, 300));
  const submit = async (page, ...files) => {
    if (files.length > 0) await page.getByLabel('Or a picture of yours').setInputFiles(files);
    await page.getByRole('button', { name: 'Submit' }).click();
  };
  await take('form', '/classifications', async (page) => {
    await page.getByLabel('Image').selectOption('harbour.jpg');
    await page.locator('#preview').evaluate((picture) => picture.decode());
  });
  await take('form-result', '/classifications', async (page) => {
    await submit(page);
    await page.locator('#classificationOutput li').first().waitFor();
  });
  await take('form-upload', '/classifications', async (page) => {
    await submit(page, wide);
    await page.locator('#classificationOutput li').first().waitFor();
  });
  await take('form-torn', '/classifications', async (page) => {
    await submit(page, torn);
    await page.locator('.problem').waitFor();
  });
  await take('form-refused', '/classifications', async (page) => {
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'plain words');
    await submit(page, notes);
    await page.locator('#file-problem').waitFor();
  });
  await take('form-unknown', '/classifications/0198c5f0-1111-7000-8000-000000000001', (page) =>
    page.getByRole('alert').waitFor(),
  );
}

/** Taps that pour as time goes by, and what they poured before. */
async function takeTaps(take, client, url) {
  if (!isWanted('taps')) return;
  const at = (secondsAgo) => new Date(Date.now() - secondsAgo * 1_000).toISOString();
  const glass = (number) => 100 + ((number * 377) % 901);
  const early = Array.from({ length: 420 }, (_, number) => ({
    tapId: [7, 3, 7, 12, 7, 3][number % 6],
    volume: glass(number),
    pouredAt: at(580 - number * 1.3 - 25 * Math.sin(number / 30)),
  }));
  await Promise.all(early.map((pour) => client.pour(pour)));
  const taps = [7, 3, 12, 21].map((id) => spawn(process.execPath, tapWords(id, url), { stdio: 'ignore' }));
  const some = async (page) => {
    await page.getByText('connected').first().waitFor();
    await page.locator('.uplot').waitFor();
    await page.getByText(/new beers: show/).waitFor();
    await page
      .getByText(/^Shares: /)
      .first()
      .waitFor();
  };
  await take('taps', '/taps', some, { isWhole: false });
  await take('taps-end', '/taps', some);
  await take('taps-filtered', '/taps?type=pint&tapId=7', async (page) => {
    await page
      .getByText(/^Tap 7 poured a pint/)
      .first()
      .waitFor();
    await page.locator('.uplot').waitFor();
  });
  await take('taps-no-match', '/taps?type=stein&tapId=99', heading('No beer matches'));
  await take(
    'taps-undo',
    '/taps',
    async (page) => {
      await page
        .getByRole('button', { name: /^Delete the/ })
        .nth(1)
        .click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
    { isWhole: false },
  );
  for (const tap of taps) {
    tap.kill('SIGTERM');
    await once(tap, 'exit');
  }
}

function tapWords(id, url) {
  const keep = join(folder, `tap-${id}.pours`);
  const main = fileURLToPath(new URL('dist/cli/main.js', root));
  return [main, 'tap', '--id', String(id), '--every', '900ms', '--server', url, '--keep', keep];
}

/** The operator's page after a while of work that comes and goes. */
async function takeOperations(pages, url, client) {
  const tabs = [];
  for (const { page, look } of pages) {
    const tab = await page.context().newPage();
    await tab.goto(`${url}/operations`);
    tabs.push({ tab, look });
  }
  const picture = await client.upload({ bytes: bytesOf(harbour), name: 'harbour.jpg' });
  const paper = await client.upload({ bytes: bytesOf(letter), name: 'letter.jpg' });
  const begun = performance.now();
  for (let round = 0; performance.now() - begun < chartMs; round += 1) {
    const pictures = Array.from({ length: 4 + 12 * (round % 5) }, () => ({
      service: 'thumbnails',
      source: { file: picture.id },
      fresh: true,
    }));
    await client.submitMany([...pictures, { service: 'ocr', source: { file: paper.id }, fresh: true }]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  await client.pause('thumbnails');
  for (const { tab, look } of tabs) {
    await tab.bringToFront();
    await tab.getByText('Paused').waitFor();
    await save('operations-busy', tab, look, true);
    await tab.close();
  }
  await client.resume('thumbnails');
  console.log('operations-busy');
}

/** A busy server: one job runs, some wait behind it, one queue is paused. */
async function takeLists(take, client) {
  await client.pause('thumbnails');
  const { id: file } = await client.upload({ bytes: bytesOf(harbour), name: 'harbour.jpg' });
  const entry = (number) => ({
    service: 'thumbnails',
    source: { file },
    options: { width: 100 + number },
    labels: { album: number % 3 === 0 ? 'boats' : 'quay' },
  });
  await client.submitMany(Array.from({ length: 137 }, (_, number) => entry(number)));
  const running = await client.submit({ service: 'ocr', source: await scan(60), name: 'ledger.pdf', options: { force: true } });
  const waiting = await client.submit({ service: 'ocr', source: bytesOf(letter), name: 'letter.jpg', fresh: true });
  await take('job-running', `/jobs/${running.id}`, text(/page \d+ of 60/i));
  await take('job-waiting', `/jobs/${waiting.id}`, text('Waiting'));
  const rows = (page) => page.locator('[data-job]').nth(5).waitFor();
  await take('jobs', '/jobs', rows, { isWhole: false });
  await take('jobs-end', '/jobs', rows);
  await take('jobs-chosen', '/jobs', choosing, { isWhole: false });
  await take('jobs-filtered', '/jobs?state=failed&label.case=A-17', (page) => page.locator('[data-job]').first().waitFor());
  await take('jobs-no-match', '/jobs?label.case=B-2', heading('No job matches'));
  await take('jobs-wrong', '/jobs?createdAfter=yesterday', (page) => page.getByRole('alert').first().waitFor());
  await client.cancel(running.id);
  await client.wait(waiting.id);
}

async function choosing(page) {
  const boxes = page.getByRole('checkbox', { name: /Select/ });
  await boxes.nth(1).check();
  await boxes.nth(2).check();
}

/** The server goes while pages are open. */
async function takeLost(pages, url, { id }) {
  const tabs = [];
  for (const { page, look } of pages) {
    for (const [name, path] of [
      ['job-lost', `/jobs/${id}`],
      ['jobs-lost', '/jobs'],
      ['taps-lost', '/taps'],
      ['operations-lost', '/operations'],
    ]) {
      const tab = await page.context().newPage();
      await tab.goto(url + path);
      await tab.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
      tabs.push({ name, tab, look });
    }
  }
  server.kill('SIGKILL');
  await serverEnd;
  for (const { name, tab, look } of tabs) {
    await tab
      .getByText(/is lost|does not answer|Reconnecting/)
      .first()
      .waitFor();
    await save(name, tab, look, true);
  }
  console.log('lost');
}

/** A long document: the first page of a sample so many times. */
async function scan(count) {
  const source = await PDFDocument.load(readFileSync(minutes));
  const made = await PDFDocument.create();
  for (const page of await made.copyPages(
    source,
    Array.from({ length: count }, () => 0),
  ))
    made.addPage(page);
  return new Uint8Array(await made.save());
}

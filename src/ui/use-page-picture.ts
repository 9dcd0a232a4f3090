import { useEffect, useState } from 'preact/hooks';
import { fileUrl, type ResultProps } from './service-page.ts';
import { shownByBrowsers } from './shown-by-browsers.ts';

/** A page of the source of a job. */
export interface ShownPage<Page extends { readonly number: number } = { readonly number: number }>
  extends Pick<ResultProps<unknown>, 'job' | 'client'> {
  readonly page: Page;
}

type Client = ShownPage['client'];

/** Sharp enough for small print on a screen of twice the density. */
const drawnWidth = 1_400;
const waitSeconds = 30;
/** Somebody looks at the page and waits for it. */
const priority = 50;
/** What was drawn since the page was opened, by source and page. */
const drawn = new Map<string, Promise<string>>();
const drawnMax = 100;

/** The address of the picture of a page: null until it is there, `none` where it cannot be had. */
export function usePagePicture({ page, job, client }: ShownPage): string | 'none' | null {
  const file = job.source?.file ?? null;
  const mediaType = job.source?.mediaType ?? '';
  const ready = file !== null && shownByBrowsers.has(mediaType) ? fileUrl(file) : null;
  const [picture, setPicture] = useState<string | 'none' | null>(ready);
  useEffect(() => {
    if (ready !== null) return;
    if (file === null) return setPicture('none');
    let isWanted = true;
    const asked = drawnPage(client, file, page.number);
    asked.then(
      (url) => isWanted && setPicture(url),
      () => isWanted && setPicture('none'),
    );
    return () => {
      isWanted = false;
    };
  }, [file, page.number]);
  return picture;
}

function drawnPage(client: Client, file: string, page: number): Promise<string> {
  const key = `${file} ${page}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const asked = draw(client, file, page);
  drawn.set(key, asked);
  forgetOldest();
  asked.catch(() => drawn.delete(key));
  return asked;
}

function forgetOldest(): void {
  const [oldest] = drawn;
  if (oldest === undefined || drawn.size <= drawnMax) return;
  drawn.delete(oldest[0]);
  oldest[1].then(URL.revokeObjectURL, () => undefined);
}

async function draw(client: Client, file: string, page: number): Promise<string> {
  const options = { page, sizes: [{ width: drawnWidth, fit: 'inside' }], format: 'webp' };
  const labels = { purpose: 'picture of a page' };
  const job = await client.submit({ service: 'thumbnails', source: { file }, options, labels, priority, waitSeconds });
  const result = job.result ?? (await resultOf(client, job.id));
  const made = fileIn(result);
  if (made === null) throw new Error('no picture was drawn');
  const picture = await fetched(fileUrl(made));
  // Nobody asked for this job: it shall not stand in the list of jobs. Where it cannot be removed it goes with the others, in time.
  await client.remove(job.id).catch(() => undefined);
  return picture;
}

/** Kept by the browser, so that the job can go. */
async function fetched(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the picture was answered with ${response.status}`);
  return URL.createObjectURL(await response.blob());
}

async function resultOf(client: Client, job: string): Promise<unknown> {
  await client.wait(job);
  return client.result(job);
}

/** The first thumbnail of a result of another service, of which nothing is known here. */
function fileIn(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('thumbnails' in result) || !Array.isArray(result.thumbnails))
    return null;
  const first: unknown = result.thumbnails[0];
  return typeof first === 'object' && first !== null && 'file' in first ? String(first.file) : null;
}

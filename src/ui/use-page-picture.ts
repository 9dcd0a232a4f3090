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
  asked.catch(() => drawn.delete(key));
  return asked;
}

async function draw(client: Client, file: string, page: number): Promise<string> {
  const options = { page, sizes: [{ width: drawnWidth, fit: 'inside' }], format: 'webp' };
  const labels = { purpose: 'picture of a page' };
  const job = await client.submit({ service: 'thumbnails', source: { file }, options, labels, priority, waitSeconds });
  const result = job.result ?? (await resultOf(client, job.id));
  const made = fileIn(result);
  if (made === null) throw new Error('no picture was drawn');
  return fileUrl(made);
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

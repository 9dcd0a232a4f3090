import { stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { ServiceError } from '../../core/errors.ts';
import { pageIndexes } from '../../core/page-ranges.ts';
import type { ChosenEngine } from '../../media/chosen-engine.ts';
import { missingLanguage } from '../../media/missing-language.ts';
import { EngineDied } from '../../media/ocr-engine.ts';
import type { PageImage } from '../../media/page-image.ts';
import type { Source, SourcePage } from '../../media/page-source.ts';
import { readPage } from '../../media/read-page.ts';
import { mapLines, meanConfidence, within } from '../../media/reading.ts';
import { isRejecting } from '../../media/rejecting.ts';
import type { Task, TaskContext, TaskInput } from '../../ports/service.ts';
import type { Options, Output, Result } from './contract.ts';
import { hocr } from './hocr.ts';
import { openSource } from './open-source.ts';
import { type DonePage, pageResult, textOf } from './page-result.ts';
import { SearchablePdf } from './searchable.ts';
import { tsv } from './tsv.ts';

/** The task with the engine that was chosen. What is wrong with a file is told as `rejected`; anything else is a fault of ours. */
export function createTask(chosen: ChosenEngine): Task {
  return async (context) => {
    // Checked against the contract and normalized when the job came in.
    const options = context.options as Options;
    if (context.input === null) throw new Error('ocr was given no file');
    const pages: DonePage[] = [];
    try {
      return { kind: 'done', result: await read({ ...context, input: context.input, chosen }, options, pages) };
    } catch (error) {
      if (error instanceof EngineDied) return { kind: 'retryLater', code: 'executor-crashed', detail: died };
      if (!(error instanceof ServiceError) || !isRejecting(error.code)) throw error;
      const hint = error.code === 'unprocessable-media' && !options.lenient ? ' With `lenient` what can be decoded is read.' : '';
      const rejected = { kind: 'rejected', code: error.code, detail: error.message + hint } as const;
      return options.partial && pages.length > 0 ? { ...rejected, result: resultOf(pages, options, []) } : rejected;
    }
  };
}

/** What the steps of one job share. */
interface Work extends TaskContext {
  readonly input: TaskInput;
  readonly chosen: ChosenEngine;
}

const died = 'The program that reads text died of a page.';

async function read(work: Work, options: Options, done: DonePage[]): Promise<Result> {
  const { input, signal } = work;
  refuseMissingLanguages(options.language, work.chosen);
  const source = await openSource(input, options);
  try {
    const indexes = pageIndexes(options.pages, source.pageCount);
    const searchable = options.outputs.includes('pdf') ? new SearchablePdf(input, source.isPdf) : null;
    for (const [at, index] of indexes.entries()) {
      signal.throwIfAborted();
      work.progress(at / indexes.length, `page ${at + 1} of ${indexes.length}`);
      done.push(await readSourcePage(work, source, index, options, searchable));
    }
    const files = await writeFiles(work, options, done, searchable);
    work.progress(1);
    return resultOf(done, options, files);
  } finally {
    source.close();
  }
}

/** They were there when the job came in; since then the server may have been started with another engine. */
function refuseMissingLanguages(languages: readonly string[], chosen: ChosenEngine): void {
  const absent = languages.find((language) => !chosen.languages.includes(language));
  if (absent !== undefined) throw new ServiceError('language-not-installed', missingLanguage(absent, chosen));
}

async function readSourcePage(
  work: Work,
  source: Source,
  index: number,
  options: Options,
  searchable: SearchablePdf | null,
): Promise<DonePage> {
  const page = await source.page(index);
  try {
    return (options.force ? null : ownPage(page, index)) ?? (await recognize(work, page, index, options, searchable));
  } finally {
    page.close();
  }
}

function ownPage(page: SourcePage, index: number): DonePage | null {
  const own = page.ownText();
  if (own === null) return null;
  const { width, height, text } = own;
  return { number: index + 1, width, height, rotation: 0, confidence: null, text, lines: mapLines(own.lines, within(own)) };
}

async function recognize(
  { folder, signal, chosen }: Work,
  page: SourcePage,
  index: number,
  { language, rotate, deskew }: Options,
  searchable: SearchablePdf | null,
): Promise<DonePage> {
  const image = await page.image();
  refuseLong(image, index);
  const reader = { engine: chosen.engine, languages: language, folder, signal, rotate: rotate === 'auto', deskew };
  const read = await readPage(image, reader);
  const { degrees: _degrees, ...placed } = read;
  const done = { number: index + 1, ...placed, text: textOf(read.lines) };
  await searchable?.add(done, read, image);
  return done;
}

/** Straightened by some degrees, a page grows a little: even then it is to be one that engines take. */
const sideMax = 30_000;

function refuseLong({ width, height }: PageImage, index: number): void {
  if (Math.max(width, height) <= sideMax) return;
  throw new ServiceError(
    'media-limits-exceeded',
    `Page ${index + 1} is ${width}x${height} pixels; ${sideMax} a side are the limit. Cut it into parts, or make it smaller.`,
  );
}

function resultOf(pages: readonly DonePage[], { outputs }: Options, files: Result['files']): Result {
  const given = { text: outputs.includes('text'), words: outputs.includes('words') };
  return {
    ...(given.text && { text: pages.map(({ text }) => text).join('\n\f') }),
    confidence: meanConfidence(pages.flatMap(({ lines }) => lines).flatMap(({ words }) => words)),
    pages: pages.map((page) => pageResult(page, given)),
    files,
  };
}

async function writeFiles(
  { input, chosen, output: announce, outputBytes }: Work,
  { outputs }: Options,
  pages: readonly DonePage[],
  searchable: SearchablePdf | null,
): Promise<Result['files']> {
  const stem = (input.name === null ? '' : parse(input.name).name) || 'text';
  const files: Result['files'] = [];
  const write = async (output: 'hocr' | 'tsv', name: string, mediaType: string, content: () => string) => {
    if (!outputs.includes(output satisfies Output)) return;
    const bytes = Buffer.from(content(), 'utf8');
    files.push({ output, mediaType, bytes: bytes.length, file: await outputBytes(name, mediaType, bytes) });
  };
  await write('hocr', `${stem}.hocr.html`, 'text/html', () => hocr(pages, chosen.name));
  await write('tsv', `${stem}.tsv`, 'text/tab-separated-values', () => tsv(pages));
  if (searchable !== null) {
    const { id, path } = announce(`${stem}.pdf`, 'application/pdf');
    await searchable.write(path);
    files.push({ output: 'pdf', mediaType: 'application/pdf', bytes: (await stat(path)).size, file: id });
  }
  return files;
}

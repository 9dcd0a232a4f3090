import { parse } from 'node:path';
import { ServiceError } from '../../core/errors.ts';
import { pageIndexes } from '../../core/page-ranges.ts';
import type { ChosenEngine } from '../../media/chosen-engine.ts';
import { missingLanguage } from '../../media/missing-language.ts';
import { EngineDied, type OcrEngine } from '../../media/ocr-engine.ts';
import { isRejecting } from '../../media/rejecting.ts';
import type { Task, TaskContext, TaskInput } from '../../ports/service.ts';
import type { Options, Result } from './contract.ts';
import { type DonePage, donePage, isLooking } from './done-page.ts';
import { placedTables } from './join-pages.ts';
import { openPages } from './open-pages.ts';
import { pageResult, tableResult } from './results.ts';
import { writeFiles } from './write-files.ts';

/** The task with the engine that was chosen for scans. What is wrong with a file is told as `rejected`; anything else is a fault of ours. */
export function createTask(chosen: ChosenEngine): Task {
  return async (context) => {
    // Checked against the contract and normalized when the job came in.
    const options = context.options as Options;
    if (context.input === null) throw new Error('tables was given no file');
    try {
      return { kind: 'done', result: await read({ ...context, input: context.input }, chosen, options) };
    } catch (error) {
      if (error instanceof EngineDied)
        return { kind: 'retryLater', code: 'executor-crashed', detail: 'The program that reads text died of a page.' };
      if (!(error instanceof ServiceError) || !isRejecting(error.code)) throw error;
      return { kind: 'rejected', code: error.code, detail: error.message };
    }
  };
}

async function read(
  context: TaskContext & { readonly input: TaskInput },
  chosen: ChosenEngine,
  options: Options,
): Promise<Result> {
  const { input, signal, folder } = context;
  const forTables = isLooking(options);
  const reader = { engine: checked(chosen, options.language), languages: options.language, folder, signal, forTables };
  const source = await openPages(input, options.password, reader);
  try {
    const indexes = pageIndexes(options.pages, source.pageCount);
    const pages: DonePage[] = [];
    for (const [at, index] of indexes.entries()) {
      signal.throwIfAborted();
      context.progress(at / indexes.length, `page ${at + 1} of ${indexes.length}`);
      pages.push(donePage(index + 1, await source.read(index), source.scale, options));
    }
    const tables = placedTables(pages, options.joinPages);
    const stem = (input.name === null ? '' : parse(input.name).name) || 'tables';
    const files = await writeFiles(context, options.outputs, stem, tables, pages);
    context.progress(1);
    return { pages: pages.map(pageResult), tables: tables.map((table) => tableResult(table, pages, options)), files };
  } finally {
    source.close();
  }
}

/** An engine that is asked for languages that it does not have says so; pages with text need none. */
function checked({ engine, kind, languages }: ChosenEngine, asked: readonly string[]): OcrEngine {
  const absent = asked.find((language) => !languages.includes(language));
  if (absent === undefined) return engine;
  const refuse = async () => {
    throw new ServiceError('language-not-installed', missingLanguage(absent, { kind, languages }));
  };
  return { recognize: refuse, orientation: refuse };
}

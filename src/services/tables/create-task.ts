import { parse } from 'node:path';
import { ServiceError } from '../../core/errors.ts';
import { pageIndexes } from '../../core/page-ranges.ts';
import type { ChosenEngine } from '../../media/chosen-engine.ts';
import { missingLanguage } from '../../media/missing-language.ts';
import { EngineDied, type OcrEngine } from '../../media/ocr-engine.ts';
import { turningBack } from '../../media/reading.ts';
import { isRejecting } from '../../media/rejecting.ts';
import type { Task, TaskContext, TaskInput } from '../../ports/service.ts';
import type { Options, Result } from './contract.ts';
import { findTables } from './find-tables.ts';
import { type Area, isWithin, type QuarterTurn } from './frame.ts';
import { type PlacedTable, placedTables, type TablePage } from './join-pages.ts';
import { openPages } from './open-pages.ts';
import type { ReadContent } from './page-content.ts';
import { plainText } from './plain-text.ts';
import { rowsOf } from './rows.ts';
import { type PageTexts, writeFiles } from './write-files.ts';
import { xmlPage } from './xml.ts';

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

/** Without its words: of many pages they would be a lot, and what is made of them is made at once. */
type DonePage = TablePage &
  PageTexts & {
    readonly rotation: QuarterTurn;
    readonly isRecognized: boolean;
    readonly scale: number;
    readonly lean: number;
  };

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

/** Text alone is had without tables. */
function isLooking({ outputs }: Options): boolean {
  return outputs.some((output) => output !== 'text' && output !== 'xml');
}

function donePage(number: number, content: ReadContent, scale: number, options: Options): DonePage {
  const { box, method } = options;
  const isLying = content.turn % 180 !== 0;
  const [width, height] = isLying ? [content.height, content.width] : [content.width, content.height];
  const words = box === undefined ? content.words : content.words.filter((word) => isWithin(word, areaOf(box, scale)));
  const size = { number, width, height, rotation: content.turn };
  return {
    ...size,
    grids: isLooking(options) ? findTables({ ...content, words }, method) : [],
    plain: options.outputs.includes('text') ? plainText(words) : null,
    xml: options.outputs.includes('xml') ? xmlPage({ ...size, words }) : null,
    isRecognized: content.isRecognized,
    scale,
    lean: content.lean,
  };
}

function areaOf([x = 0, y = 0, width = 0, height = 0]: readonly number[], scale: number) {
  return { left: x * scale, top: y * scale, right: (x + width) * scale, bottom: (y + height) * scale };
}

function pageResult({ number, width, height, rotation, isRecognized, scale }: DonePage): Result['pages'][number] {
  return { number, width: rounded(width / scale), height: rounded(height / scale), rotation, recognized: isRecognized };
}

function tableResult(
  { pages: numbers, grid }: PlacedTable,
  pages: readonly DonePage[],
  { outputs }: Options,
): Result['tables'][number] {
  const [page = 0] = numbers;
  const own = pages.find(({ number }) => number === page);
  const scale = own?.scale ?? 1;
  return {
    page,
    pages: [...numbers],
    box: (own === undefined ? [] : boxOn(own, grid.area)).map((place) => rounded(place / scale)),
    method: grid.method,
    confidence: grid.confidence,
    headerRows: grid.headerRows,
    columns: grid.columnCount,
    ...(outputs.includes('json') && { rows: rowsOf(grid) }),
  };
}

/** x, y, width and height on the page as it is shown, though it may have been levelled to be read. */
function boxOn(page: DonePage, { left, top, right, bottom }: Area): readonly number[] {
  return turningBack(page.lean, page, page)([left, top, right - left, bottom - top]);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorker, OEM, PSM, type Worker } from 'tesseract.js';
import {
  isQuarterTurn,
  type OcrEngine,
  type OcrPicture,
  type OcrRequest,
  orientationConfidenceMin,
  type QuarterTurn,
  type ReadLine,
  UnreadablePicture,
} from './ocr-engine.ts';
import { languagePackages, orientationData, orientationPackage, readingData } from './tesseract-packages.ts';
import { parseTsv } from './tesseract-tsv.ts';

/**
 * Reads with tesseract.js, which needs nothing but its packages: no network, no cache on the disk. Its thread is kept for the
 * next picture; aborting a request ends it, and the next request gets a new one.
 */
export function openTesseractJs(): OcrEngine {
  const reader = new KeptThread();
  const orienter = new KeptThread();

  async function recognize(picture: OcrPicture, { languages, signal, layout = 'page' }: OcrRequest): Promise<ReadLine[]> {
    const key = languages.join('+');
    const tsv = await reader.use(
      key,
      () => startThread(languages, readingData, OEM.LSTM_ONLY),
      signal,
      async (thread) => {
        await thread.setParameters({
          tessedit_pageseg_mode: segmentation[layout],
          user_defined_dpi: picture.dpi === null ? '0' : String(Math.round(picture.dpi)),
        });
        const { data } = await thread.recognize(await readFile(picture.path), {}, { tsv: true, text: false });
        return data.tsv ?? '';
      },
    );
    return parseTsv(tsv);
  }

  async function orientation(picture: OcrPicture, signal: AbortSignal): Promise<QuarterTurn | null> {
    return orienter.use(
      'osd',
      () => startThread(['osd'], orientationData, OEM.TESSERACT_ONLY),
      signal,
      async (thread) => {
        const { data } = await thread.detect(await readFile(picture.path));
        const degrees = data.orientation_degrees ?? Number.NaN;
        return isQuarterTurn(degrees) && (data.orientation_confidence ?? 0) >= orientationConfidenceMin ? degrees : null;
      },
    );
  }

  return { recognize, orientation };
}

const segmentation = { page: PSM.AUTO, block: PSM.SINGLE_BLOCK, sparse: PSM.SPARSE_TEXT };

interface Thread {
  readonly worker: Worker;
  /** Rejects where the thread dies. */
  readonly died: Promise<never>;
}

/** At most one thread, for the languages that were asked for last. */
class KeptThread {
  #key: string | null = null;
  #thread: Promise<Thread> | null = null;

  async use<T>(key: string, start: () => Promise<Thread>, signal: AbortSignal, work: (worker: Worker) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#key !== key) await this.#end();
    this.#key = key;
    this.#thread ??= start();
    try {
      const { worker, died } = await this.#thread;
      return await unlessAborted(signal, Promise.race([work(worker), died]));
    } catch (error) {
      if (isUnreadable(error)) throw new UnreadablePicture(String(error));
      // Whatever else went wrong: the next picture gets a thread that knows nothing of it.
      await this.#end();
      signal.throwIfAborted();
      throw error instanceof Error ? error : new Error(`tesseract.js failed: ${String(error)}`);
    }
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.then(({ worker }) => worker.terminate()).catch(() => {});
  }
}

function isUnreadable(error: unknown): boolean {
  return /attempting to read image/i.test(String(error));
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function startThread(languages: readonly string[], data: string, engine: OEM): Promise<Thread> {
  const folder = await mkdtemp(join(tmpdir(), 'languages-'));
  try {
    // All languages are read from one folder.
    for (const language of languages) {
      const file = `${language}.traineddata.gz`;
      const place = language === 'osd' ? orientationPackage() : join(languagePackages(), language);
      await symlink(join(place, data, file), join(folder, file));
    }
    const isOld = engine === OEM.TESSERACT_ONLY;
    const died = deferred();
    const worker = await createWorker([...languages], engine, {
      langPath: folder,
      cacheMethod: 'none',
      gzip: true,
      legacyCore: isOld,
      legacyLang: isOld,
      // Without it, an error ends the whole process; the promises of the calls reject as well.
      errorHandler: () => {},
    });
    threadOf(worker)
      ?.on('error', died.reject)
      .on('exit', (code) => died.reject(new Error(`tesseract.js ended with ${code}`)));
    return { worker, died: died.promise };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The thread itself, which the types of the library do not tell of. */
function threadOf(worker: object): import('node:worker_threads').Worker | null {
  return 'worker' in worker && isThread(worker.worker) ? worker.worker : null;
}

function isThread(value: unknown): value is import('node:worker_threads').Worker {
  return typeof value === 'object' && value !== null && 'threadId' in value;
}

function deferred(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  // It may come when nobody waits.
  promise.catch(() => {});
  return { promise, reject };
}

import { spawn } from 'node:child_process';
import {
  EngineDied,
  isQuarterTurn,
  type OcrEngine,
  type OcrPicture,
  type OcrRequest,
  orientationConfidenceMin,
  type QuarterTurn,
  type ReadLine,
  UnreadablePicture,
} from './ocr-engine.ts';
import { parseTsv } from './tesseract-tsv.ts';

/** Where the `tesseract` program and the data of its languages lie. */
export interface TesseractPlaces {
  readonly program: string;
  readonly dataFolder: string;
}

/** The words of a page are some hundred kilobytes. */
const outputCharsMax = 64 * 1024 ** 2;
const complaintCharsMax = 2_000;
const segmentation = { page: '3', block: '6', sparse: '11' };
const dpiMin = 70;
const dpiMax = 2_400;

/** Reads with the `tesseract` program: a child process for each picture, on one core, killed when the request is aborted. */
export function openTesseractProgram({ program, dataFolder }: TesseractPlaces): OcrEngine {
  const run = (picture: OcrPicture, words: readonly string[], signal: AbortSignal) =>
    runTesseract(program, [picture.path, 'stdout', '--tessdata-dir', dataFolder, ...resolution(picture), ...words], signal);

  return {
    async recognize(picture, { languages, signal, layout = 'page' }: OcrRequest): Promise<ReadLine[]> {
      const words = ['-l', languages.join('+'), '--psm', segmentation[layout], '-c', 'tessedit_create_tsv=1'];
      const { output, complaint, isDone } = await run(picture, words, signal);
      if (isDone) return parseTsv(output);
      if (/pix not read|cannot be read|no pix returned|not supported|Unsupported image type/i.test(complaint))
        throw new UnreadablePicture(complaint);
      throw new Error(`tesseract failed: ${complaint}`);
    },
    async orientation(picture, signal): Promise<QuarterTurn | null> {
      // It ends with an error where there are too few characters to tell.
      const { output } = await run(picture, ['--psm', '0'], signal);
      const degrees = Number(/^Rotate: (\d+)$/m.exec(output)?.[1]);
      const confidence = Number(/^Orientation confidence: ([\d.]+)$/m.exec(output)?.[1]);
      return isQuarterTurn(degrees) && confidence >= orientationConfidenceMin ? degrees : null;
    },
  };
}

/** The program believes what stands in the file unless it is told another resolution. */
function resolution({ dpi }: OcrPicture): string[] {
  return dpi === null || dpi < dpiMin || dpi > dpiMax ? [] : ['--dpi', String(Math.round(dpi))];
}

interface Ended {
  readonly output: string;
  readonly complaint: string;
  readonly isDone: boolean;
}

function runTesseract(program: string, words: readonly string[], signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      // One core for one page: what works beside it is another executor.
      env: { OMP_THREAD_LIMIT: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > outputCharsMax) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-complaintCharsMax);
    });
    let failure: Error | null = null;
    child.on('error', (error) => {
      failure = error;
      // Without a process there is no end to wait for.
      if (child.pid === undefined) reject(error);
    });
    // Only when it is gone: until then it holds its memory and its files.
    child.on('close', (code, killedBy) => {
      if (signal.aborted) reject(signal.reason);
      else if (failure !== null) reject(failure);
      else if (killedBy !== null) reject(new EngineDied(`tesseract was ended by ${killedBy}: ${complaint}`));
      else resolve({ output, complaint, isDone: code === 0 });
    });
  });
}

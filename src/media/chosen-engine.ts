import type { FoundOcr } from './find-ocr.ts';
import type { OcrEngine } from './ocr-engine.ts';
import { openTesseractJs } from './tesseract-js.ts';
import { openTesseractProgram } from './tesseract-program.ts';

/**
 * What was found at the start of the server travels to the executors in the address of the task's module: their environment is
 * empty, and looking again would cost each of them a second.
 */
export function withEngine(task: URL, found: FoundOcr): URL {
  const url = new URL(task);
  const { languages, ...others } = found;
  for (const [name, value] of Object.entries({ ...others, languages: languages.join(' ') })) url.searchParams.set(name, value);
  return url;
}

export interface ChosenEngine {
  readonly engine: OcrEngine;
  /** As hOCR names it. */
  readonly name: string;
  readonly kind: FoundOcr['kind'];
  readonly languages: readonly string[];
}

/** The other end of `withEngine`, in the executor. */
export function engineOf(task: URL): ChosenEngine {
  const told = (name: string) => task.searchParams.get(name) ?? '';
  const languages = told('languages').split(' ');
  const isProgram = told('kind') === 'program';
  return {
    engine: isProgram ? openTesseractProgram({ program: told('program'), dataFolder: told('dataFolder') }) : openTesseractJs(),
    name: `${isProgram ? 'tesseract' : 'tesseract.js'} ${told('version')}`,
    kind: isProgram ? 'program' : 'js',
    languages,
  };
}

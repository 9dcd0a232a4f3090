import { type FoundOcr, findTesseractJs, findTesseractProgram } from '../../src/media/find-ocr.ts';

/**
 * The engines that read text here. tesseract.js is always there; where the program is missing, that is told aloud, and fails a
 * run in CI.
 */
export async function ocrEnginesHere(): Promise<FoundOcr[]> {
  const program = await findTesseractProgram();
  if (program !== null) return [program, await findTesseractJs()];
  const why = 'the tesseract program is not installed here (apt-get install tesseract-ocr)';
  if (process.env.CI) throw new Error(`NOT TESTED: ${why}`);
  console.warn(`NOT TESTED: ${why}`);
  return [await findTesseractJs()];
}

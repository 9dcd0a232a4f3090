import type { Box, ReadLine, ReadWord } from './ocr-engine.ts';

/** Levels of the rows of Tesseract's TSV. */
const lineLevel = 4;
const wordLevel = 5;

/**
 * Tesseract's TSV as lines. Its columns are level, page, block, paragraph, line, word, left, top, width, height, confidence
 * (0 to 100; -1 for what is no word) and text. Words without a letter are left out, and lines without words.
 */
export function parseTsv(tsv: string): ReadLine[] {
  const lines: { block: number; paragraph: number; box: Box; words: ReadWord[] }[] = [];
  for (const row of tsv.split('\n')) {
    const cells = row.split('\t');
    const level = Number(cells[0]);
    if (level === lineLevel) {
      lines.push({ block: Number(cells[2]), paragraph: Number(cells[3]), box: boxOf(cells), words: [] });
    } else if (level === wordLevel) {
      const text = cells.slice(11).join('\t').trim();
      const confidence = Math.min(Math.max(Number(cells[10]) / 100, 0), 1);
      if (text !== '') lines.at(-1)?.words.push({ text, confidence: Math.round(confidence * 1e4) / 1e4, box: boxOf(cells) });
    }
  }
  return lines.filter(({ words }) => words.length > 0);
}

function boxOf(cells: readonly string[]): Box {
  const [x = 0, y = 0, width = 0, height = 0] = cells.slice(6, 10).map(Number);
  return [x, y, width, height];
}

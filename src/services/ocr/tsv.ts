import type { Box } from '../../media/ocr-engine.ts';
import type { DonePage } from './page-result.ts';
import { eachLine } from './paragraphs.ts';

const columns = 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext';

/** The pages in the columns of Tesseract's TSV; a confidence of -1 where there is none. */
export function tsv(pages: readonly DonePage[]): string {
  const rows = pages.flatMap((page) => {
    const rowOf = (place: readonly number[], box: Box, confidence: number | null = null, text = '') =>
      [
        place.length,
        ...[page.number, ...place.slice(1), 0, 0, 0, 0].slice(0, 5),
        ...box,
        confidence === null ? -1 : Math.round(confidence * 1e4) / 100,
        text,
      ].join('\t');
    const lines = [...eachLine(page.lines)].flatMap(({ line, block, paragraph, number }) => [
      rowOf([0, block, paragraph, number], line.box),
      ...line.words.map(({ text, confidence, box }, at) =>
        rowOf([0, block, paragraph, number, at + 1], box, confidence, text.replace(/\s/g, ' ')),
      ),
    ]);
    return [rowOf([0], [0, 0, page.width, page.height]), ...lines];
  });
  return `${[columns, ...rows].join('\n')}\n`;
}

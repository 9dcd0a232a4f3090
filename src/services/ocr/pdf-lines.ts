import type { Box, ReadLine, ReadWord } from '../../media/ocr-engine.ts';
import type { PdfCharacter } from '../../media/pdf.ts';

/** The characters of a PDF page as lines of words, with boxes in pixels of which there are `scale` to a point. */
export function pdfLines(characters: readonly PdfCharacter[], scale: number): ReadLine[] {
  const lines: ReadLine[] = [];
  let words: ReadWord[] = [];
  let text = '';
  let boxes: Box[] = [];
  const endWord = () => {
    const box = surrounding(boxes);
    if (text !== '' && box !== null) words.push({ text, confidence: null, box });
    text = '';
    boxes = [];
  };
  const endLine = () => {
    endWord();
    const box = surrounding(words.map((word) => word.box));
    if (box !== null) lines.push({ block: 1, paragraph: 1, box, words });
    words = [];
  };
  for (const character of characters) {
    if (/[\r\n]/.test(character.text)) endLine();
    else if (character.text.trim() === '') endWord();
    else {
      text += character.text;
      if (character.box !== null) boxes.push(scaled(character.box, scale));
    }
  }
  endLine();
  return lines;
}

function scaled([x, y, width, height]: Box, scale: number): Box {
  return [x * scale, y * scale, width * scale, height * scale];
}

function surrounding(boxes: readonly Box[]): Box | null {
  const [first, ...others] = boxes;
  if (first === undefined) return null;
  let [left, top] = first;
  let [right, bottom] = [left + first[2], top + first[3]];
  for (const [x, y, width, height] of others) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return [left, top, right - left, bottom - top];
}

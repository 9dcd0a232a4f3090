import type { Box } from '../../media/ocr-engine.ts';
import type { DonePage } from './page-result.ts';
import { eachLine } from './paragraphs.ts';

/** The pages as hOCR 1.2, a way to write down in HTML where words stand. */
export function hocr(pages: readonly DonePage[], system: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title></title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
  <meta name="ocr-system" content="${escaped(system)}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_par ocr_line ocrx_word ocrp_wconf"/>
 </head>
 <body>
${pages.map(pageElement).join('\n')}
 </body>
</html>
`;
}

function pageElement(page: DonePage): string {
  const { number, width, height } = page;
  const lines: string[] = [];
  for (const { line, block, paragraph, number: place } of eachLine(page.lines)) {
    const id = `${number}_${block}_${paragraph}`;
    if (place === 1 && lines.length > 0) lines.push('   </p>');
    if (place === 1) lines.push(`   <p class="ocr_par" id="par_${id}_${lines.length}">`);
    const words = line.words.map(({ text, confidence, box }) => {
      const sure = confidence === null ? '' : `; x_wconf ${Math.round(confidence * 100)}`;
      return `<span class="ocrx_word" title="${bbox(box)}${sure}">${escaped(text)}</span>`;
    });
    lines.push(`    <span class="ocr_line" title="${bbox(line.box)}">${words.join(' ')}</span>`);
  }
  if (lines.length > 0) lines.push('   </p>');
  const title = `${bbox([0, 0, width, height])}; ppageno ${number - 1}`;
  return [`  <div class="ocr_page" id="page_${number}" title="${title}">`, ...lines, '  </div>'].join('\n');
}

function bbox([x, y, width, height]: Box): string {
  return `bbox ${x} ${y} ${x + width} ${y + height}`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Also without the control characters that XML does not have. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML must not hold
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

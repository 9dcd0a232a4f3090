import sharp from 'sharp';

const words =
  'the old mill stands near a river and every morning when light comes over the hills its owner opens heavy doors to let wind turn great stones that grind golden wheat into flour for all people who live in town'.split(
    ' ',
  );
const lineCount = 40;
const wordsPerLine = 11;

/** A page of print, A4 at 200 dpi, as a JPEG with a comment of eight digits, so that no two that are sent need to be equal. */
export async function printedPage() {
  let chance = 12345;
  const word = () => {
    chance = (chance * 1103515245 + 12345) & 0x7fffffff;
    return words[(chance >> 8) % words.length];
  };
  const lines = Array.from({ length: lineCount }, (_, row) => {
    const text = Array.from({ length: wordsPerLine }, word).join(' ');
    return `<text x="130" y="${200 + row * 50}">${text}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1654" height="2339"><rect width="100%" height="100%" fill="#fff"/><g font-family="DejaVu Serif, Liberation Serif, serif" font-size="27" fill="#222">${lines.join('')}</g></svg>`;
  const plain = await sharp(Buffer.from(svg))
    .flatten()
    .toColourspace('b-w')
    .withMetadata({ density: 200 })
    .jpeg({ quality: 90 })
    .toBuffer();
  const comment = Buffer.from([0xff, 0xfe, 0x00, 0x0a, ...Buffer.from('00000000')]);
  return { bytes: Buffer.concat([plain.subarray(0, 2), comment, plain.subarray(2)]), counterAt: 6 };
}

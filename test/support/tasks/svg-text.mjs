import sharp from 'sharp';

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="50"><text x="5" y="40" font-size="40" font-family="sans-serif">Text</text></svg>';

/** Draws a text: needs native code, the fonts of the system and their configuration. Tells how many pixels were inked. */
export const task = async () => {
  const pixels = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel('alpha').raw().toBuffer();
  return { kind: 'done', result: { inked: pixels.filter((alpha) => alpha > 128).length } };
};

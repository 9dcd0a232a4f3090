/** Draws text without any font, so that tests of reading run on machines that have none: letters of a few strokes, as SVG. */

/** Paths on a field of 6 by 10, y downwards. */
const strokes: Readonly<Record<string, string>> = {
  A: 'M0 10 3 0 6 10M1 7H5',
  B: 'M0 0V10M0 0H3A2.4 2.4 0 0 1 3 4.8H0M3 4.8A2.6 2.6 0 0 1 3 10H0',
  C: 'M6 2A3.2 4 0 0 0 0 5A3.2 4 0 0 0 6 8',
  D: 'M0 0V10H2A4 5 0 0 0 2 0Z',
  E: 'M6 0H0V10H6M0 5H5',
  F: 'M6 0H0V10M0 5H5',
  G: 'M6 2A3.2 4 0 0 0 0 5A3.2 4 0 0 0 6 8V5.5H3.5',
  H: 'M0 0V10M6 0V10M0 5H6',
  I: 'M3 0V10',
  K: 'M0 0V10M6 0 0 6M2 4.5 6 10',
  L: 'M0 0V10H6',
  M: 'M0 10V0L3 7 6 0V10',
  N: 'M0 10V0L6 10V0',
  O: 'M3 0A3 5 0 0 0 3 10A3 5 0 0 0 3 0Z',
  P: 'M0 10V0H3A2.7 2.7 0 0 1 3 5.4H0',
  R: 'M0 10V0H3A2.7 2.7 0 0 1 3 5.4H0M3 5.4 6 10',
  S: 'M5.7 2A2.8 2.4 0 0 0 0.4 2.6C0.4 5.5 5.8 4.3 5.8 7.3A2.9 2.6 0 0 1 0.2 8',
  T: 'M0 0H6M3 0V10',
  U: 'M0 0V7A3 3 0 0 0 6 7V0',
  V: 'M0 0 3 10 6 0',
  W: 'M0 0 1.5 10 3 2 4.5 10 6 0',
  Y: 'M0 0 3 5 6 0M3 5V10',
};

const letterSpacing = 9;
const lineSpacing = 20;

/** A page with the lines of capital letters, `scale` pixels to a tenth of their height. */
export function drawnText(lines: readonly string[], { scale = 3, ink = '#111', paper = '#fff', margin = 20 } = {}): Buffer {
  const width = Math.ceil((Math.max(...lines.map((line) => line.length)) * letterSpacing + 2 * margin) * scale);
  const height = Math.ceil((lines.length * lineSpacing + 2 * margin) * scale);
  const letters = lines.flatMap((line, row) =>
    [...line].map((letter, column) => {
      const path = strokes[letter];
      if (path === undefined && letter !== ' ') throw new Error(`there are no strokes for ${letter}`);
      const place = `translate(${margin + column * letterSpacing} ${margin + row * lineSpacing})`;
      return path === undefined ? '' : `<path d="${path}" transform="${place}"/>`;
    }),
  );
  const style = `fill="none" stroke="${ink}" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round"`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paper}"/><g transform="scale(${scale})" ${style}>${letters.join('')}</g></svg>`,
  );
}

/** Enough text for the engines to find out which way up it is. */
export const sampleLines: readonly string[] = [
  'THE OLD MILL STANDS NEAR THE RIVER',
  'AND EVERY MORNING WHEN THE SUN COMES UP',
  'THE MILLER OPENS THE GREAT WOODEN DOOR',
  'TO LET THE WIND TURN THE STONES',
  'THAT GRIND THE GOLDEN WHEAT TO FLOUR',
  'FOR ALL THE PEOPLE OF THE TOWN',
];

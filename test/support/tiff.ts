import sharp from 'sharp';

/** A TIFF of several pages of unequal sizes, which sharp cannot write: grey, without compression, the pixels of each page behind its directory. */
export async function tiffOf(pictures: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')];
  let at = 8;
  for (const [number, picture] of pictures.entries()) {
    const { data, info } = await sharp(picture).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    const entries = [
      [256, info.width],
      [257, info.height],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, at + 2 + 9 * 12 + 4],
      [277, 1],
      [278, info.height],
      [279, data.length],
    ] as const;
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    for (const [index, [tag, value]] of entries.entries()) {
      directory.writeUInt16LE(tag, 2 + index * 12);
      directory.writeUInt16LE(4, 4 + index * 12);
      directory.writeUInt32LE(1, 6 + index * 12);
      directory.writeUInt32LE(value, 10 + index * 12);
    }
    const padding = Buffer.alloc(data.length % 2);
    const next = at + directory.length + data.length + padding.length;
    if (number < pictures.length - 1) directory.writeUInt32LE(next, directory.length - 4);
    parts.push(directory, data, padding);
    at = next;
  }
  return Buffer.concat(parts);
}

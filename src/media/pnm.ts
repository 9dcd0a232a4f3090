import { writeFile } from 'node:fs/promises';
import type { Pixels } from './sharp.ts';

/** Writes pixels without compression (PGM or PPM): nothing is faster for one program to write and for another to read. */
export async function writePnm(path: string, { data, width, height, channels }: Pixels): Promise<void> {
  if (channels !== 1 && channels !== 3) throw new Error(`PNM has no pixels of ${channels} channels`);
  const kind = channels === 1 ? 'P5' : 'P6';
  await writeFile(path, [Buffer.from(`${kind}\n${width} ${height}\n255\n`, 'latin1'), data]);
}

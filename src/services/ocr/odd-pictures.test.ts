import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { ocrTask } from '../../../test/support/ocr-task.ts';
import { makePdf } from '../../../test/support/pdfs.ts';
import { temporaryFolder } from '../../../test/support/program.ts';

const temporary = await temporaryFolder();
afterAll(() => temporary.remove());

/** Grain, so that the page is not taken for an empty one. */
function grain(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  return sharp({ create: { width, height, channels: 3, background: '#fff', noise } })
    .png()
    .toBuffer();
}

describe.each(await ocrEnginesHere())('with $kind', (found) => {
  const { run } = ocrTask(found);

  test.each([
    [1, 1],
    [2, 2],
    [1, 60],
    [60, 2],
  ])('a picture of %dx%d has no text, and that is a result', async (width, height) => {
    const { outcome } = await run(await grain(width, height), 'image/png');
    expect(outcome).toMatchObject({ kind: 'done', result: { text: '', pages: [{ width, height }] } });
  });

  test('a picture that is a line of pixels is read', async () => {
    expect((await run(await grain(6_000, 1), 'image/png')).outcome).toMatchObject({ kind: 'done' });
  });

  test.each([
    [40_000, 10],
    [10, 40_000],
  ])('a picture of %dx%d is longer than engines take, and is refused', async (width, height) => {
    const { outcome } = await run(await grain(width, height), 'image/png');
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
    expect(outcome.kind === 'rejected' && outcome.detail).toContain(`Page 1 is ${width}x${height} pixels`);
  });

  test('so is a page of a PDF that is a long strip', async () => {
    const { outcome } = await run(await makePdf([{ width: 10, height: 14_000 }]), 'application/pdf');
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
  });
});

describe('with a program that dies', async () => {
  const program = join(temporary.path, 'tesseract');
  await writeFile(program, '#!/bin/sh\nkill -SEGV $$\n');
  await chmod(program, 0o755);
  const { run } = ocrTask({ kind: 'program', version: '5.0.0', languages: ['eng'], program, dataFolder: temporary.path });

  test('the attempt fails as a crash, not as a fault of ours', async () => {
    const { outcome } = await run(await grain(60, 60), 'image/png');
    expect(outcome).toMatchObject({ kind: 'retryLater', code: 'executor-crashed' });
  });
});

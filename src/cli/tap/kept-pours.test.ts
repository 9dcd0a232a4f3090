import { appendFile, copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { type KeptPour, KeptPours } from './kept-pours.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files = 0;
const open: KeptPours[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  for (const kept of open) await kept.close();
  await folder.remove();
});

function newPath(): string {
  files += 1;
  return join(folder.path, `${files}.pours`);
}

const pour = (number: number): KeptPour => ({
  tapId: 7,
  volume: 100 + (number % 900),
  readingId: `reading-${number}`,
  pouredAt: new Date(1_800_000_000_000 + number).toISOString(),
});

async function opened(path: string): Promise<KeptPours> {
  const kept = await KeptPours.open(path);
  open.push(kept);
  return kept;
}

/** What a process would find that is started now, had this one been killed. */
async function found(path: string): Promise<KeptPour[]> {
  const copy = newPath();
  await copyFile(path, copy);
  const kept = await KeptPours.open(copy);
  const pours: KeptPour[] = [];
  for (let first = kept.first(); first !== undefined; first = kept.first()) {
    pours.push(first);
    await kept.settle(first);
  }
  await kept.close();
  return pours;
}

test('what was kept is there when the file is opened again, in order, without what was settled', async () => {
  const path = newPath();
  const kept = await opened(path);
  for (let number = 0; number < 5; number += 1) await kept.add(pour(number));
  await kept.settle(pour(0));
  await kept.settle(pour(1));
  expect(kept.count).toBe(3);
  expect(kept.first()).toEqual(pour(2));
  expect(await found(path)).toEqual([2, 3, 4].map(pour));
  await kept.close();
  expect(await readFile(path, 'utf8')).toBe([2, 3, 4].map((number) => `${JSON.stringify({ pour: pour(number) })}\n`).join(''));
});

test('a file is used by one process at a time', async () => {
  const path = newPath();
  const kept = await KeptPours.open(path);
  await expect(KeptPours.open(path)).rejects.toThrow('--keep');
  await kept.close();
  await (await KeptPours.open(path)).close();
});

test('nothing but the pours is left when a tap has ended, or found that it cannot begin', async () => {
  const path = newPath();
  const kept = await KeptPours.open(path);
  await kept.add(pour(1));
  await kept.close();
  const diary = newPath();
  await writeFile(diary, 'a diary\n');
  await expect(KeptPours.open(diary)).rejects.toThrow('--keep');
  const left = (await readdir(folder.path)).filter((name) => [path, diary].some((one) => name.startsWith(basename(one))));
  expect(left.sort()).toEqual([basename(path), basename(diary)].sort());
});

test('a line that was torn at any byte is one pour that was not made yet, or one that is sent once more', async () => {
  const path = newPath();
  const kept = await opened(path);
  await kept.add(pour(1));
  await kept.add(pour(2));
  await kept.settle(pour(1));
  const whole = await readFile(path);
  const lineEnds = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  for (let length = 0; length <= whole.length; length += 1) {
    await writeFile(path, whole.subarray(0, length));
    const wholeLines = lineEnds.filter((end) => end <= length).length;
    const expected = [[], [pour(1)], [pour(1), pour(2)], [pour(2)]][wholeLines];
    expect(await found(path)).toEqual(expected);
  }
});

test('what is added behind a torn line is not lost', async () => {
  const path = newPath();
  const before = await KeptPours.open(path);
  await before.add(pour(1));
  await before.close();
  await appendFile(path, '{"pour":{"tapId":7,"vol');
  const kept = await opened(path);
  await kept.add(pour(2));
  expect(await found(path)).toEqual([pour(1), pour(2)]);
});

test('the file stays short, however many pours go through it', async () => {
  const path = newPath();
  const kept = await opened(path);
  for (let number = 0; number < 2_500; number += 1) {
    await kept.add(pour(number));
    if (number > 0) await kept.settle(pour(number - 1));
  }
  expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(2_100);
  expect(await found(path)).toEqual([pour(2_499)]);
});

test('writes that are asked for at once do not mix', async () => {
  const path = newPath();
  const kept = await opened(path);
  const numbers = Array.from({ length: 50 }, (_, number) => number);
  await Promise.all(numbers.flatMap((number) => [kept.add(pour(number)), number % 2 === 0 ? kept.settle(pour(number)) : null]));
  expect(await found(path)).toEqual(numbers.filter((number) => number % 2 === 1).map(pour));
});

test.each(['a diary', 'a diary\n', '{"pour":{"tapId":"7"}}\n', '{"settled":"x"}\nand notes\n'])(
  'a file that holds something else is left as it is: %j',
  async (text) => {
    const path = newPath();
    await KeptPours.open(path).then((kept) => kept.close());
    await writeFile(path, text);
    await expect(KeptPours.open(path)).rejects.toThrow('--keep');
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

import { expect, test } from 'vitest';
import { sampleFile, sampleJob } from '../../../test/support/sample-jobs.ts';
import { sourceOf } from '../../engine/files.ts';
import { changingColumns, fileOf, fileRowOf, insertedColumns, insertedRow, type JobRow, jobOf } from './rows.ts';

const size = { width: 3, height: 2, frames: 1 };

/** The row of a job whose `source` column is this text. */
function rowWith(source: string | null): JobRow {
  const job = sampleJob(0);
  const { outputs } = changingColumns(job, 0);
  const [labels, options] = [JSON.stringify(job.labels), JSON.stringify(job.options)];
  const head = [job.id, job.caller, job.service, job.state, job.version, job.priority, labels, options] as const;
  const times = [job.createdAt, job.runAt, null, null, job.expiresAt, null] as const;
  return [...head, source, job.traceId, 0, job.maxAttempts, 0, null, ...times, null, null, null, null, outputs, null, null, 0];
}

test('a file that was stored before orientations were kept has an unknown one', () => {
  const row = fileRowOf(sampleFile(0));
  expect(fileOf({ ...row, picture: JSON.stringify(size) }).picture).toEqual({ ...size, orientation: null });
  expect(fileOf({ ...row, picture: JSON.stringify({ ...size, orientation: 6 }) }).picture).toEqual({ ...size, orientation: 6 });
  expect(fileOf({ ...row, picture: null }).picture).toBe(null);
});

test('a link stands beside the source of its job, and alone until there is one', () => {
  const source = sourceOf(sampleFile(0));
  const link = { url: 'https://example.org/', fresh: false };
  for (const kept of [
    { source, link },
    { source: null, link },
    { source: null, link: { ...link, fresh: true } },
    { source, link: null },
    { source: null, link: null },
  ]) {
    const text = insertedRow(sampleJob(0, kept), 0)[insertedColumns.indexOf('source')];
    expect(jobOf(rowWith(text === null ? null : String(text)))).toMatchObject(kept);
  }
});

test('a job that was stored before its source told of its picture has an unknown one', () => {
  const source = sourceOf(sampleFile(0, { picture: { ...size, orientation: 6 } }));
  expect(jobOf(rowWith(JSON.stringify(source))).source).toEqual(source);
  expect(jobOf(rowWith(JSON.stringify({ ...source, picture: undefined }))).source).toEqual({ ...source, picture: null });
  expect(jobOf(rowWith(JSON.stringify({ ...source, picture: size }))).source).toEqual({
    ...source,
    picture: { ...size, orientation: null },
  });
});

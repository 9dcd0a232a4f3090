import { expect, test } from 'vitest';
import { ConnectionError } from '../client/client.ts';
import { exitCodes } from './exit-codes.ts';
import { HandedInError, reportOf } from './report-error.ts';

test('whoever loses the server while a job is worked on is told where the job is', () => {
  const job = 'http://127.0.0.1:8080/v1/jobs/01993c5e';
  const lost = new ConnectionError(`${job}/events`, 12, new Error('connect ECONNREFUSED'));
  const { code, lines, document } = reportOf(new HandedInError(job, lost));
  expect(code).toBe(exitCodes.unreachable);
  expect(lines).toEqual([expect.stringContaining('tried 12 times'), `The job was handed in: ${job}`]);
  expect(document).toMatchObject({ title: 'No answer', job });
});

import { expect, test } from 'vitest';
import { ConnectionError, ProblemError } from '../client/client.ts';
import { exitCodes } from './exit-codes.ts';
import { HandedInError, reportOf } from './report-error.ts';

const refusal = (detail: string, errors: { pointer: string; detail: string }[]) =>
  reportOf(new ProblemError({ type: '/problems/validation-error', title: 'Not valid', status: 422, detail, errors })).lines;

test('a refused field is told once, by its flag', () => {
  const width = { pointer: '#/options/width', detail: 'must be <= 4096' };
  const language = { pointer: '#/options/language/0', detail: 'The language xyz is not installed.' };
  expect(refusal('#/options/width must be <= 4096.', [width])).toEqual(['The server refused it: --width: must be <= 4096']);
  expect(refusal('The language xyz is not installed.', [language])).toEqual([
    'The server refused it: --language: The language xyz is not installed.',
  ]);
  expect(refusal('#/options/width must be <= 4096, and 1 more.', [width, language])).toEqual([
    'The server refused it: --width: must be <= 4096',
    '  --language: The language xyz is not installed.',
  ]);
  expect(refusal('There is no job with this id.', [{ pointer: '#/topics/0', detail: 'is not known' }])).toEqual([
    'The server refused it: There is no job with this id.',
    '  topics/0: is not known',
  ]);
  expect(refusal('The file has no bytes.', [])).toEqual(['The server refused it: The file has no bytes.']);
});

test('whoever loses the server while a job is worked on is told where the job is', () => {
  const job = 'http://127.0.0.1:8080/v1/jobs/01993c5e';
  const lost = new ConnectionError(`${job}/events`, 12, new Error('connect ECONNREFUSED'));
  const { code, lines, document } = reportOf(new HandedInError(job, lost));
  expect(code).toBe(exitCodes.unreachable);
  expect(lines).toEqual([expect.stringContaining('tried 12 times'), `The job was handed in: ${job}`]);
  expect(document).toMatchObject({ title: 'No answer', job });
});

import { expect } from 'vitest';
import type { RawAnswer } from './http-server.ts';

/** What no answer may tell: stacks, files of ours, SQL and addresses inside (a longer name that begins like one is the client's own). */
export const leaks =
  /node_modules|\.[mc]?[jt]s:\d|\bat \S+ \(|file:\/\/|\/tmp\/|\/dist\/|\b(SELECT|INSERT INTO|DELETE FROM) |SQLITE_|ENOENT|E[A-Z]{4,}:|(127\.0\.0\.1|localhost)(?!\.?[\w-])/;

/** Checks that an answer is the problem: its status, its type, the shape of RFC 9457, and that it tells nothing of our inside. */
export function expectProblem(answer: RawAnswer, status: number, problem: string): void {
  expect(answer.body).toContain(`/problems/${problem}"`);
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  const told = JSON.parse(answer.body);
  expect(told).toMatchObject({
    type: `/problems/${problem}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/./),
    instance: expect.stringMatching(/^\//),
    traceId: answer.headers['x-trace-id'],
  });
  expect(`${told.title} ${told.detail} ${JSON.stringify(told.errors ?? '')}`).not.toMatch(leaks);
  expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(server|x-powered-by)$/)]));
  if (problem === 'validation-error') for (const { pointer } of told.errors) expect(pointer).toMatch(/^#/);
  if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectEveryRow, type WaitingInput } from './bad-inputs.ts';
import { expectProblem, leaks } from './expect-problem.ts';
import { call, type RawAnswer, type TestServer } from './http-server.ts';
import type { Sent } from './requests.ts';

/** A job as the interface shows it, as far as tests of bad inputs look. */
export interface ToldJob {
  readonly id: string;
  readonly state: string;
  readonly source: { readonly file: string; readonly mediaType: string } | null;
  readonly error: { readonly type: string; readonly detail: string } | null;
}

/** What a bad input came to. The job is there where one was made, and then it has ended. */
export interface Told {
  readonly answer: RawAnswer;
  readonly job: ToldJob | null;
}

/**
 * A row of a table of bad inputs: its number in the list, the input in words, what is sent, the status, and the problem of the
 * answer (or, where the status is 202, of the job that fails; null where it succeeds). The last says what must hold besides.
 */
export type Row = readonly [
  row: number,
  input: string,
  sent: Sent | (() => Sent | Promise<Sent>),
  status: number,
  problem: string | null,
  more?: (told: Told) => void | Promise<void>,
];

/**
 * Tries every row with a request of its own, and checks that no row of the area is missing. `otherwise` are the rows that have
 * tests of their own beside the table.
 */
export function tryBadInputs(
  area: string,
  server: () => TestServer,
  rows: readonly Row[],
  waiting: readonly WaitingInput[] = [],
  otherwise: readonly number[] = [],
): void {
  describe(`bad inputs: ${area}`, () => {
    for (const [row, input, sent, status, problem, more] of rows) {
      test(`row ${row}: ${input} is answered ${status} ${problem ?? ''}`, { timeout: 120_000 }, async () => {
        const asked = typeof sent === 'function' ? await sent() : sent;
        const before = await keptThings(server());
        const answer = await call(server().url + asked.path, asked);
        const job = answer.status === 202 ? await endOf(server(), JSON.parse(answer.body).id) : null;
        if (status >= 400 && problem !== null) {
          expectProblem(answer, status, problem);
          expect(await keptThings(server())).toEqual(before);
        }
        expect(answer.status).toBe(status);
        if (job !== null) expectEnd(job, problem);
        await more?.({ answer, job });
      });
    }
  });
  expectEveryRow(
    area,
    [...rows.map(([row]) => row), ...otherwise].map((row) => ({ row })),
    waiting,
  );
}

/** What a refused request must not change: the files in the folders of the store, and the newest job. */
async function keptThings({ folder, url }: TestServer): Promise<object> {
  const { body } = await call(`${url}/v1/jobs?limit=1`);
  return { files: await storedFiles(folder), newest: JSON.parse(body).items[0]?.id };
}

/** Names of all files below the folder of bytes, half-made ones included. */
export async function storedFiles(folder: string): Promise<string[]> {
  const found = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
  return found
    .filter((each) => each.isFile())
    .map(({ name }) => name)
    .toSorted();
}

export async function endOf({ url }: Pick<TestServer, 'url'>, id: string): Promise<ToldJob> {
  for (;;) {
    const job: ToldJob = JSON.parse((await call(`${url}/v1/jobs/${id}?wait=30s`)).body);
    if (['succeeded', 'failed', 'canceled'].includes(job.state)) return job;
  }
}

/** Checks that a job failed with the problem, told without anything of our inside; or, without one, that it succeeded. */
function expectEnd({ state, error }: ToldJob, problem: string | null): void {
  if (problem === null) return void expect([state, error]).toEqual(['succeeded', null]);
  expect([state, error?.type]).toEqual(['failed', `/problems/${problem}`]);
  expect(error).toMatchObject({
    title: expect.stringMatching(/./),
    status: expect.any(Number),
    detail: expect.stringMatching(/./),
    retryable: expect.any(Boolean),
  });
  expect(error?.detail).not.toMatch(leaks);
}

const corpora = new URL('../../../shared/corpora/', import.meta.url);

/** Rows for files of the corpora, where those lie beside the project. */
export function ofCorpus(names: readonly string[], row: (name: string, path: URL) => Row): Row[] {
  return names.flatMap((name) => {
    const path = new URL(name.split('/').map(encodeURIComponent).join('/'), corpora);
    return existsSync(path) ? [row(name, path)] : [];
  });
}

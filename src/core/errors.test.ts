import { expect, test } from 'vitest';
import { type ErrorCode, type ErrorKind, errorKinds, isErrorCode, jobError, ServiceError } from './errors.ts';

const kinds = Object.entries(errorKinds) as [ErrorCode, ErrorKind][]; // Object.entries forgets the names that the table was made with

/** `docs/errors.md` as the table has it. */
function errorsPage(): string {
  const intro = [
    '# Errors',
    '',
    'Every error is `application/problem+json` (RFC 9457); its `type` is `/problems/<slug>`, which the server explains, too.',
    'The `error` of a failed job is the same object with `retryable`. This page is made from `src/core/errors.ts`:',
    'after a change there, run `npx vitest run src/core/errors.test.ts -u`.',
  ];
  const sections = kinds.flatMap(([code, { status, title, retryable, help }]) => [
    '',
    `## ${code}`,
    `${status} · ${title}${retryable ? ' · may succeed later without a change' : ''}`,
    '',
    help,
  ]);
  return `${[...intro, ...sections].join('\n')}\n`;
}

test('docs/errors.md tells what the table of errors has', async () => {
  await expect(errorsPage(), 'mend it with: npx vitest run src/core/errors.test.ts -u').toMatchFileSnapshot(
    '../../docs/errors.md',
  );
});

test.each(kinds)('%s has a status of an error, a title and a way out in whole sentences', (code, kind) => {
  expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  expect(kind.status).toBeGreaterThanOrEqual(400);
  expect(kind.status).toBeLessThan(600);
  expect(kind.title).toMatch(/^[A-Z].*[^.]$/);
  expect(kind.help).toMatch(/^[A-Z`].*\.$/);
});

test('a server error that is not ours to mend at once says that it may pass', () => {
  for (const [code, { status, retryable }] of kinds) if (status >= 500) expect(retryable, code).toBe(true);
});

test('a stored error is the problem of its code and carries no cause', () => {
  expect(jobError('executor-crashed', 'It died.')).toEqual({
    type: '/problems/executor-crashed',
    title: errorKinds['executor-crashed'].title,
    status: 500,
    detail: 'It died.',
    retryable: true,
  });
});

test('a service error keeps its cause apart from the sentence for the caller', () => {
  const cause = new Error('disk I/O error at /var/lib/coatcheck');
  const error = new ServiceError('service-unavailable', 'The store does not answer.', { cause, retryAfterSeconds: 5 });
  expect(error).toMatchObject({ message: 'The store does not answer.', cause, retryAfterSeconds: 5, fields: [] });
  expect(error.kind.status).toBe(503);
});

test.each(['toString', '__proto__', 'constructor', '', 'Not-Found'])('%j is no code', (text) => {
  expect(isErrorCode(text)).toBe(false);
});

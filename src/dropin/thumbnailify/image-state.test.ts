import { expect, test } from 'vitest';
import { sampleJob } from '../../../test/support/sample-jobs.ts';
import { type ErrorCode, jobError } from '../../core/errors.ts';
import { imageLabels, imageState, mediaTypeLabel } from './image-state.ts';

const source = { file: '', blob: '', name: null, mediaType: 'image/png', bytes: 1, sha256: '', picture: null };
const failed = (code: ErrorCode, mediaType = 'image/png') =>
  sampleJob(0, {
    state: 'failed',
    labels: { ...imageLabels, [mediaTypeLabel]: 'image/png' },
    source: { ...source, mediaType },
    error: jobError(code, 'What happened.'),
  });

test.each([
  ['unprocessable-media', 'image/png', 400, 'Corroupted raw image, please try again'],
  ['unprocessable-media', 'application/pdf', 400, 'Corroupted raw image, please try again'],
  ['unsupported-media-type', 'application/octet-stream', 400, 'Corroupted raw image, please try again'],
  ['unsupported-media-type', 'image/bmp', 415, 'What happened.'],
  ['media-limits-exceeded', 'image/png', 413, 'What happened.'],
  ['time-limit-exceeded', 'image/png', 422, 'What happened.'],
  // Not a failure of the request that asks.
  ['executor-crashed', 'image/png', 422, 'What happened.'],
] as const)('a job that failed with %s on %s is told with %i', (code, mediaType, status, message) => {
  expect(imageState(failed(code, mediaType))).toMatchObject({ status, body: { state: 'Error', service: 'worker', message } });
});

test('a job that somebody gave the label by hand is told with the type of its bytes', () => {
  const job = sampleJob(0, { state: 'succeeded', labels: { ...imageLabels }, source });
  expect(imageState(job)).toMatchObject({ status: 200, body: { media_type: 'image/png', state: 'Completed' } });
});

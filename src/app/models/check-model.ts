import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExecutorPool } from '../../engine/executor/pool.ts';
import type { ExecutorOutcome, ExecutorPool } from '../../ports/executor-pool.ts';
import { checkTask } from '../../services/classifications/classifications.ts';
import type { ExaminedModel } from '../../services/classifications/examine-model.ts';
import type { Settings } from '../settings.ts';

const service = 'check-model';
const mediaType = 'application/octet-stream';
const checkMs = 120_000;
const memoryBytes = 4 * 1024 ** 3;
const traceparent = `00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-01`;

/** Opens a model in an executor, as it will be opened for pictures, and says what it takes and gives. Throws an `Error` that says why it cannot be used. */
export async function checkModel(file: string, sandbox: Settings['sandbox']): Promise<ExaminedModel> {
  const folder = await mkdtemp(join(tmpdir(), 'coatcheck-model-'));
  try {
    const pool = await createExecutorPool({
      size: 1,
      folder,
      services: [{ name: service, task: checkTask, produces: [] }],
      sandbox,
      // What goes wrong is told by the outcome.
      log: () => undefined,
    });
    return examined(await checkIn(pool, file).finally(() => pool.close()));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkIn(pool: ExecutorPool, file: string): Promise<ExecutorOutcome> {
  const executor = pool.acquire();
  try {
    const { inputPath } = await executor.prepare();
    await copyFile(file, inputPath(mediaType));
    const input = { name: null, mediaType, bytes: (await stat(file)).size, picture: null };
    const assignment = {
      job: service,
      service,
      traceparent,
      options: {},
      input,
      timeMs: checkMs,
      silenceMs: checkMs,
      memoryBytes,
    };
    return await executor.run(assignment, { signal: new AbortController().signal, onProgress: () => undefined });
  } finally {
    await executor.release();
  }
}

function examined(outcome: ExecutorOutcome): ExaminedModel {
  if (outcome.kind === 'rejected' || outcome.kind === 'failed') {
    const cause = outcome.kind === 'failed' ? outcome.cause : undefined;
    throw new Error(outcome.detail, { cause });
  }
  if (outcome.kind !== 'done') throw new Error('The model could not be checked.');
  const { width, height, channels, labels, layout, output } = outcome.result;
  const isKnown = (layout === 'NCHW' || layout === 'NHWC') && (output === 'logits' || output === 'softmax');
  if (!isKnown) throw new Error('The model could not be checked.');
  return { width: Number(width), height: Number(height), channels: Number(channels), labels: Number(labels), layout, output };
}

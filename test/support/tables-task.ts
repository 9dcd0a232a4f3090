/** Runs the task of tables in this process, in a folder that lasts for one test. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { engineOf, withEngine } from '../../src/media/chosen-engine.ts';
import type { FoundOcr } from '../../src/media/find-ocr.ts';
import type { Result } from '../../src/services/tables/contract.ts';
import { createTask } from '../../src/services/tables/create-task.ts';
import { normalize } from '../../src/services/tables/normalize.ts';

const defaults = { method: 'auto', outputs: ['json'], joinPages: false, language: ['eng'] };

export function tablesTask(found: FoundOcr) {
  const task = createTask(engineOf(withEngine(new URL('file:///task.js'), found)));
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coatcheck-tables-'));
    await mkdir(join(folder, 'tmp'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function run(bytes: Uint8Array, options: JsonObject = {}, mediaType = 'application/pdf') {
    const normal = normalize({ ...defaults, ...options });
    if (Array.isArray(normal)) throw new Error(`the options are not valid: ${JSON.stringify(normal)}`);
    const path = join(folder, 'input');
    await writeFile(path, bytes);
    const files = new Map<string, Buffer>();
    const outcome = await task({
      input: { path, name: 'a report.pdf', mediaType, bytes: bytes.length, picture: null },
      options: normal,
      traceparent: '',
      folder: join(folder, 'tmp'),
      signal: new AbortController().signal,
      progress: () => undefined,
      output() {
        throw new Error('tables writes small files only');
      },
      async outputBytes(name, _type, content) {
        const id = newId();
        files.set(name, Buffer.from(content));
        return id;
      },
    });
    return { outcome, files };
  }

  /** The result of a job that must succeed. */
  async function read(bytes: Uint8Array, options: JsonObject = {}, mediaType = 'application/pdf') {
    const { outcome, files } = await run(bytes, options, mediaType);
    if (outcome.kind !== 'done') throw new Error(`it did not succeed: ${JSON.stringify(outcome)}`);
    // The task gives what its contract says.
    return { ...(outcome.result as Result), contents: files };
  }
  return { run, read };
}

export const harbour = () => readFile(new URL('../../src/services/tables/samples/harbour.pdf', import.meta.url));

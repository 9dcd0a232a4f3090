/** Runs the task of OCR in this process, in a folder that lasts for one test. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { engineOf, withEngine } from '../../src/media/chosen-engine.ts';
import type { FoundOcr } from '../../src/media/find-ocr.ts';
import type { TaskContext, TaskOutcome } from '../../src/ports/service.ts';
import type { Result } from '../../src/services/ocr/contract.ts';
import { createTask } from '../../src/services/ocr/create-task.ts';
import { normalizer } from '../../src/services/ocr/normalize.ts';

// The task reads files only; the tests also make and read pictures in memory.
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff'].map((format) => `VipsForeignLoad${format}Buffer`),
});

const defaults = {
  language: ['eng'],
  outputs: ['text', 'words'],
  rotate: 'auto',
  deskew: true,
  force: false,
  lenient: false,
  partial: false,
};

export interface OcrRun {
  readonly outcome: TaskOutcome;
  readonly messages: readonly string[];
  /** What was written, by the id of the output. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A task that is made once for all tests of a file, with the folder of the present test. */
export function ocrTask(found: FoundOcr) {
  const task = createTask(engineOf(withEngine(new URL('file:///task.js'), found)));
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coatcheck-ocr-'));
    await mkdir(join(folder, 'tmp'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function run(
    bytes: Uint8Array,
    mediaType: string,
    options: JsonObject = {},
    more: Partial<Pick<TaskContext, 'signal' | 'progress'>> = {},
  ): Promise<OcrRun> {
    const normal = normalizer(found)({ ...defaults, ...options });
    if (Array.isArray(normal)) throw new Error(`the options are not valid: ${JSON.stringify(normal)}`);
    const path = join(folder, 'input');
    await writeFile(path, bytes);
    const paths = new Map<string, string>();
    const messages: string[] = [];
    const output = () => {
      const id = newId();
      paths.set(id, join(folder, id));
      return { id, path: join(folder, id) };
    };
    const outcome = await task({
      input: { path, name: 'a scan.orig.png', mediaType, bytes: bytes.length, picture: null },
      options: normal,
      traceparent: '',
      folder: join(folder, 'tmp'),
      signal: new AbortController().signal,
      progress: (_fraction, message) => void (message !== undefined && messages.push(message)),
      output,
      async outputBytes(_name, _type, content) {
        const { id, path: target } = output();
        await writeFile(target, content);
        return id;
      },
      ...more,
    });
    const files = new Map<string, Buffer>();
    for (const [id, target] of paths) files.set(id, await readFile(target));
    return { outcome, messages, files };
  }

  /** The result of a job that must succeed. */
  async function read(bytes: Uint8Array, mediaType: string, options: JsonObject = {}) {
    const { outcome, messages, files } = await run(bytes, mediaType, options);
    if (outcome.kind !== 'done') throw new Error(`it did not succeed: ${JSON.stringify(outcome)}`);
    // The task gives what its contract says.
    return { ...(outcome.result as Result), messages, contents: files };
  }
  return { run, read };
}

/** White space does not count. */
export function plain(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim();
}

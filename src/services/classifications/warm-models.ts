import { join } from 'node:path';
import { type LoadedModel, loadModel, readDescription } from './load-model.ts';
import { modelIdPattern } from './model-description.ts';

/** A loaded model takes some times the bytes of its file; an executor beyond 1 GB would be replaced after each task. */
const warmBytesMax = 256 * 1024 ** 2;

interface WarmModel extends LoadedModel {
  readonly digest: string;
}

/** Models that are kept loaded between jobs: the last used ones, up to a size, and always the last one. */
export class WarmModels {
  readonly #folders: readonly string[];
  readonly #bytesMax: number;
  /** By id; the last used one stands last. */
  readonly #loaded = new Map<string, WarmModel>();

  constructor(folders: readonly string[], bytesMax = warmBytesMax) {
    this.#folders = folders;
    this.#bytesMax = bytesMax;
  }

  /**
   * The model as it is installed now, of the first folder that has it; null where none has. An executor has one task at a time, so
   * none is asked for twice at once.
   */
  async get(id: string): Promise<LoadedModel | null> {
    const warm = this.#loaded.get(id);
    const model = await this.#installed(id, warm);
    this.#loaded.delete(id);
    if (warm !== undefined && warm !== model) await warm.onnx.close();
    if (model === null) return null;
    this.#loaded.set(id, model);
    await this.#shed();
    return model;
  }

  get warm(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  async #installed(id: string, warm: WarmModel | undefined): Promise<WarmModel | null> {
    if (!modelIdPattern.test(id)) return null;
    for (const folder of this.#folders) {
      const path = join(folder, id);
      const description = readDescription(path);
      if (description !== null && description.digest === warm?.digest) return warm;
      if (description !== null) return { ...(await loadModel(path, description)), digest: description.digest };
    }
    return null;
  }

  async #shed(): Promise<void> {
    for (const [id, { onnx }] of this.#loaded) {
      if (this.#loaded.size === 1 || this.#bytes() <= this.#bytesMax) return;
      this.#loaded.delete(id);
      await onnx.close();
    }
  }

  #bytes(): number {
    return [...this.#loaded.values()].reduce((sum, { description }) => sum + description.bytes, 0);
  }
}

import { type LoadedModel, loadModel } from './load-model.ts';
import type { ToldModel } from './told-models.ts';

/** A loaded model takes some times the bytes of its file; an executor beyond 1 GB would be replaced after each task. */
const warmBytesMax = 256 * 1024 ** 2;

/** Models that are kept loaded between jobs: the last used ones, up to a size, and always the last one. */
export class WarmModels {
  readonly #told: ReadonlyMap<string, ToldModel>;
  readonly #bytesMax: number;
  /** The last used one stands last. */
  readonly #loaded = new Map<string, LoadedModel>();

  constructor(told: ReadonlyMap<string, ToldModel>, bytesMax = warmBytesMax) {
    this.#told = told;
    this.#bytesMax = bytesMax;
  }

  /** Null where there is no such model. An executor has one task at a time, so none is asked for twice at once. */
  async get(id: string): Promise<LoadedModel | null> {
    const told = this.#told.get(id);
    if (told === undefined) return null;
    const model = this.#loaded.get(id) ?? (await loadModel(told));
    this.#loaded.delete(id);
    this.#loaded.set(id, model);
    await this.#shed();
    return model;
  }

  get warm(): readonly string[] {
    return [...this.#loaded.keys()];
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

import { statSync } from 'node:fs';
import { digestOf, type FoundModel, findModels } from './find-models.ts';

/** A folder may change twice within one tick of the clock that its time is taken from; so long a change is no news for sure. */
const tickMsMax = 2_000;

/**
 * What is installed now. Models are renamed into and out of their folder, which changes its time: only then they are read again, so
 * that asking costs a look at a folder, and a model that was added is there for the next job.
 */
export class InstalledModels {
  readonly #folders: readonly string[];
  #seen: string | null = null;
  #found: readonly FoundModel[] = [];
  #digest: { readonly of: readonly FoundModel[]; readonly text: string } | null = null;

  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  get found(): readonly FoundModel[] {
    const { state, isSettled } = this.#look();
    if (state !== this.#seen) {
      this.#found = findModels(this.#folders).found;
      this.#seen = isSettled ? state : null;
    }
    return this.#found;
  }

  /** Of all that is installed. Asked for twice a job. */
  get digest(): string {
    const { found } = this;
    if (this.#digest?.of !== found)
      this.#digest = { of: found, text: digestOf(found.map(({ id, digest }) => `${id} ${digest}`).join('\n')) };
    return this.#digest.text;
  }

  #look(): { state: string; isSettled: boolean } {
    const times = this.#folders.map((folder) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return { state: times.join(' '), isSettled: times.every((time) => time < Date.now() - tickMsMax) };
  }
}

import type { FoundModel } from './find-models.ts';

/** What the task must know of an installed model: where it lies, and what its description was when the server started. */
export type ToldModel = Pick<FoundModel, 'folder' | 'digest'>;

/** What was found at the start of the server travels to the executors in the address of the task's module: they are told no more. */
export function withModels(task: URL, found: readonly FoundModel[]): URL {
  const url = new URL(task);
  for (const { id, folder, digest } of found) url.searchParams.set(id, `${digest} ${folder}`);
  return url;
}

/** The other end of `withModels`, in the executor. */
export function modelsOf(task: URL): ReadonlyMap<string, ToldModel> {
  return new Map(
    [...task.searchParams].map(([id, told]) => {
      const at = told.indexOf(' ');
      return [id, { digest: told.slice(0, at), folder: told.slice(at + 1) }];
    }),
  );
}

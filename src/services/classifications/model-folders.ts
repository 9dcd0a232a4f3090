/** Where the models lie travels to the executors in the address of the task's module: they are told no more. */
export function withFolders(task: URL, folders: readonly string[]): URL {
  const url = new URL(task);
  for (const folder of folders) url.searchParams.append('models', folder);
  return url;
}

/** The other end of `withFolders`, in the executor. */
export function foldersOf(task: URL): readonly string[] {
  return task.searchParams.getAll('models');
}

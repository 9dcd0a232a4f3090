/** What was taken from an iterator already, and then what is left in it. */
export async function* thenRest<T>(taken: readonly T[], rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield* taken;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
}

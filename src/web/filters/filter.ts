/** Which things of a list are shown: its members stand in the address, and one that is not there leaves all through. */
export function isFiltered(filter: object): boolean {
  return Object.keys(filter).length > 0;
}

/** Without `keys`: any value of the filter but those. */
export function without<Filter extends object>(filter: Filter, ...keys: readonly (keyof Filter)[]): Partial<Filter> {
  const rest: Partial<Filter> = { ...filter };
  for (const key of keys) delete rest[key];
  return rest;
}

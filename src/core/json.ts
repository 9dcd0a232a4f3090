/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** JSON with the members of every object in one order: equal values give equal text, so that it can be hashed. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(isOrdered(value) ? value : ordered(value));
}

/** Most values are in order already, and looking costs a fraction of copying. */
function isOrdered(value: Json | undefined): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  const names = Object.keys(value);
  return names.every((name, at) => (names[at - 1] ?? '') <= name && isOrdered(value[name]));
}

function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  const copy: JsonObject = {};
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) copy[name] = ordered(member);
  }
  return copy;
}

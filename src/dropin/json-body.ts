/** A body of JSON, with the header that goes with it. */
export function jsonBody(value: unknown): { headers: Readonly<Record<string, string>>; body: string } {
  return { headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

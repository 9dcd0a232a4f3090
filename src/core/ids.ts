import { v7, validate, version } from 'uuid';

/** A new UUIDv7 (RFC 9562): sorts by the time it was made, so that the newest job has the largest id. */
export function newId(): string {
  return v7();
}

/** Whether `text` is spelled like an id of ours. Anything else from outside is answered like an unknown id. */
export function isId(text: string): boolean {
  return text.length === 36 && validate(text) && version(text) === 7;
}

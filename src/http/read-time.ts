import { parseTime } from './moment.ts';
import { invalidFields } from './validation.ts';

/** A time that a caller gave in `field`, in ms; throws `validation-error` where it is none. */
export function readTime(text: string, field: string): number {
  const at = parseTime(text);
  if (at === null)
    throw invalidFields([{ pointer: `#/${field}`, detail: 'is no time (RFC 3339, such as 2030-01-31T12:00:00Z)' }]);
  return at;
}

import { parseDuration } from '../core/durations.ts';
import { type FieldError, ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch of a time in RFC 3339, or of a duration from now; throws `validation-error` beyond a year ahead. */
export function moment(text: string, now: number, field: 'runAt' | 'deadline'): number {
  const duration = parseDuration(text);
  const at = duration === null ? parseTime(text) : now + duration;
  if (at === null) throw wrong(field, 'is no time (RFC 3339, such as 2030-01-31T12:00:00Z) and no duration (such as 5m)');
  if (at > now + limits.runAtAheadMsMax) throw wrong(field, `is more than ${limits.runAtAheadMsMax / 86_400_000} days ahead`);
  if (field === 'deadline' && at <= now) throw wrong(field, 'has already passed');
  return at;
}

/** A time in RFC 3339; null for what is none, such as the 31st of February. */
export function parseTime(text: string): number | null {
  if (!rfc3339.test(text)) return null;
  const at = Date.parse(text.replace(' ', 'T').toUpperCase());
  // `Date` turns the 31st of February into March.
  const asWritten = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at) || Number.isNaN(asWritten) || new Date(asWritten).toISOString().slice(0, 10) !== text.slice(0, 10))
    return null;
  return at;
}

function wrong(field: string, detail: string): ServiceError {
  const errors: FieldError[] = [{ pointer: `#/${field}`, detail }];
  return new ServiceError('validation-error', `${field} ${detail}.`, { fields: errors });
}

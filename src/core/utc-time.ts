const dayMs = 86_400_000;
const daysKnownMax = 64;
const days = new Map<number, string>();
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/**
 * A time (milliseconds since the epoch, from 1970 to 9999) as RFC 3339 in UTC, the same text that `toISOString` gives. That
 * works out the date each time, which is half of what a status answer costs; here a date is worked out once.
 */
export function utcTime(at: number): string {
  const day = Math.floor(at / dayMs);
  const ms = at - day * dayMs;
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  return `${dateOf(day)}T${twoDigits[hours]}:${twoDigits[minutes]}:${twoDigits[seconds]}.${String(ms % 1000).padStart(3, '0')}Z`;
}

function dateOf(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  if (days.size >= daysKnownMax) days.clear();
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  days.set(day, date);
  return date;
}

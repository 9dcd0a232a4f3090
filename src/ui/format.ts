/** Numbers, sizes and times in the words and the time zone of the reader. */

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `104331` as `104 kB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count);
}

/** `0.934` as `93 %`. */
export function formatShare(share: number): string {
  return new Intl.NumberFormat(undefined, { style: 'percent' }).format(share);
}

/** `83500` as `1 min 24 s`: at most two units. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Date and time to the second, as the reader writes them. */
export function formatMoment(at: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}

/** Only the time of what happened on the day of `now` (ms since 1970), else with the date. */
export function formatTime(at: string, now: number): string {
  const date = new Date(at);
  if (date.toDateString() !== new Date(now).toDateString()) return formatMoment(at);
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(date);
}

const steps: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** `3 minutes ago`, seen from `now` (ms since 1970). */
export function formatAgo(at: string, now: number): string {
  const exact = Math.round((Date.parse(at) - now) / 1_000);
  if (Math.abs(exact) < 5) return 'just now';
  const seconds = exact > 0 ? nearest(exact) : exact;
  const [unit, length] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(Math.trunc(seconds / length), unit);
}

/** What is 2 h 59 min 58 s ahead is 3 hours ahead: rounded in each unit from the smallest on, as far as it reaches. */
function nearest(seconds: number): number {
  return steps.reduceRight(
    (rounded, [, length]) => (rounded < length ? rounded : Math.round(rounded / length) * length),
    seconds,
  );
}

const byteUnits = [
  [1024 ** 3, 'GB'],
  [1024 ** 2, 'MB'],
  [1024, 'kB'],
] as const;

const timeUnits = [
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** A number of bytes for people: `1 GB`, `512 MB`; at most one digit behind the point. */
export function plainBytes(bytes: number): string {
  const [size, unit] = byteUnits.find(([size]) => bytes >= size) ?? [1, 'bytes'];
  return `${round(bytes / size)} ${unit}`;
}

/** A duration for people, in the largest unit that it fills: `2 minutes`, `1 second`, `1.5 hours`. */
export function plainDuration(ms: number): string {
  const [size, unit] = timeUnits.find(([size]) => ms >= size) ?? [1, 'millisecond'];
  const amount = round(ms / size);
  return `${amount} ${unit}${amount === '1' ? '' : 's'}`;
}

function round(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a duration looks like in options, settings and queries: `250ms`, `30s`, `5m`, `2h`, `7d`. */
export const durationPattern = '^\\d{1,9}(ms|s|m|h|d)$';

const duration = new RegExp(durationPattern);

/** Milliseconds of a duration such as `30s`, or null where `text` is none. */
export function parseDuration(text: string): number | null {
  if (!duration.test(text)) return null;
  const unit = text.replace(/^\d+/, '') as keyof typeof unitMs;
  return Number.parseInt(text, 10) * unitMs[unit];
}

/** The shortest exact spelling of a duration: `90s`, `2h`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= unitMs[unit] && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return `${ms}ms`;
}

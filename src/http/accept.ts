/**
 * The offered media type that an Accept header likes best (RFC 9110, section 12.5.1), null where it likes none. Among equals
 * the first offered wins; without a header that is the first.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | null {
  if (accept === undefined || accept === '' || accept === '*/*') return offered[0] ?? null;
  const ranges = accept.split(',').map(readRange);
  let best: string | null = null;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

interface AcceptRange {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): AcceptRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { type, quality: Number.isFinite(quality) ? Math.min(Math.max(quality, 0), 1) : 0 };
}

/** The most exact range that covers a type has the say. */
function qualityOf(type: string, ranges: readonly AcceptRange[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const covering of [type, family, '*/*']) {
    const range = ranges.find((each) => each.type === covering);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

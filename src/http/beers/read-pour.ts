import { Pour } from '../../contracts/beers.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { NewPour } from '../../ports/taps.ts';
import { readTime } from '../read-time.ts';
import { compileStrict, invalidFields } from '../validation.ts';

const check = compileStrict(Pour);

/** What a tap tells of a pour, however it came; throws `validation-error` with what is wrong with each field. */
export function readPour(told: Json, now: number): NewPour {
  check(told);
  // Checked against the schema of this type just now.
  const { tapId, volume, readingId, pouredAt } = told as Pour;
  return {
    // Minus zero is a way to write zero.
    tapId: tapId + 0,
    volume,
    ...(readingId === undefined ? {} : { readingId }),
    ...(pouredAt === undefined ? {} : { pouredAt: timeOfPour(pouredAt, now) }),
  };
}

function timeOfPour(text: string, now: number): number {
  const at = readTime(text, 'pouredAt');
  const detail =
    at < 0
      ? 'lies before 1970'
      : at > now + limits.pouredAheadMsMax
        ? `lies more than ${limits.pouredAheadMsMax / 1000} s in the future: look at the clock of the tap`
        : null;
  if (detail !== null) throw invalidFields([{ pointer: '#/pouredAt', detail }]);
  return at;
}

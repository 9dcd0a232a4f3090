import { ServiceError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import { isObject } from '../../http/intake/submission.ts';
import type { NewPour } from '../../ports/taps.ts';

const digits = /^\d{1,15}$/;

/**
 * What a client of Altair tells of a pour: other members are passed over. The tap may be told as text of digits, as clients read it from
 * their environment. Whether a glass fits the volume is not looked at. Throws `bad-request`.
 */
export function readPour(told: Json): NewPour {
  if (!isObject(told)) throw wrong('The body must be a JSON object with tapId and volume');
  const { tapId: tap = null, volume = null } = told;
  const tapId = typeof tap === 'string' && digits.test(tap) ? Number(tap) : tap;
  if (typeof tapId !== 'number' || !Number.isSafeInteger(tapId) || tapId < 0) {
    throw wrong('tapId must be a whole number from 0 on');
  }
  if (typeof volume !== 'number') throw wrong('volume must be a number');
  // Minus zero is a way to write zero.
  return { tapId: tapId + 0, volume };
}

function wrong(message: string): ServiceError {
  return new ServiceError('bad-request', message);
}

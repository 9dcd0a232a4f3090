import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { DeviceMessage } from '../../ports/device-broker.ts';
import type { NewPour } from '../../ports/taps.ts';
import { readPour } from '../beers/read-pour.ts';
import { parseStrictJson } from '../intake/strict-json.ts';
import { invalidFields } from '../validation.ts';

/** Where taps tell of their pours; the number of the tap stands for the `+`. */
export const pourTopics = 'taps/+/pours';

const pourTopic = /^taps\/([^/]+)\/pours$/;

/** The tap that a topic names, as it is written there. */
export function tapNamed(topic: string): string {
  return pourTopic.exec(topic)?.[1] ?? '';
}

/** The pour that a message tells of: as `POST /v1/beers` takes it, but that the topic names the tap. Throws what is wrong with it. */
export function pourOf({ topic, payload, retained }: DeviceMessage, now: number): NewPour {
  const tapId = tapOf(topic);
  if (payload.byteLength > limits.beerBodyBytesMax) {
    throw new ServiceError('payload-too-large', `A pour takes at most ${limits.beerBodyBytesMax} bytes.`);
  }
  const told = parseStrictJson(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  if (told === null || typeof told !== 'object' || Array.isArray(told)) {
    throw invalidFields([{ pointer: '#', detail: 'must be an object' }]);
  }
  if (told.tapId !== undefined && told.tapId !== tapId) {
    throw invalidFields([{ pointer: '#/tapId', detail: `must be ${tapId}, as the topic has it, or be left out` }]);
  }
  if (retained && told.readingId === undefined) {
    throw invalidFields([{ pointer: '#/readingId', detail: 'is needed in a retained message: that comes again and again' }]);
  }
  return readPour({ ...told, tapId }, now);
}

function tapOf(topic: string): number {
  const name = tapNamed(topic);
  const tapId = /^(0|[1-9]\d*)$/.test(name) ? Number(name) : Number.NaN;
  if (Number.isSafeInteger(tapId)) return tapId;
  throw invalidFields([{ pointer: '#/tapId', detail: 'the topic must be taps/NUMBER/pours' }]);
}

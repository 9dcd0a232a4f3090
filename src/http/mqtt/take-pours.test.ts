import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { PourLabel } from '../../ports/metrics.ts';
import type { NewPour, Poured } from '../../ports/taps.ts';
import { takePours } from './take-pours.ts';

const message = (tap: string, pour: unknown) => ({
  topic: `taps/${tap}/pours`,
  payload: Buffer.from(JSON.stringify(pour)),
  retained: false,
});

/** Each pour meets the next of these troubles, then none. */
function link(...troubles: Error[]) {
  const clock = new ManualClock(1_000_000);
  const stopping = new AbortController();
  const taken: NewPour[] = [];
  const published: { topic: string; text: string }[] = [];
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const pour = async (wanted: NewPour): Promise<Poured> => {
    const trouble = troubles.shift();
    if (trouble !== undefined) throw trouble;
    taken.push(wanted);
    return { beer: { id: 'x', number: 0, tapId: wanted.tapId, volume: wanted.volume, type: 'pint', at: 0 }, isNew: true };
  };
  const counted: PourLabel[] = [];
  const measures = { pourEnded: (outcome: PourLabel) => void counted.push(outcome) };
  const publish = async (topic: string, text: string) => void published.push({ topic, text });
  const take = takePours({ taps: { pour }, publish, clock, log, measures, signal: stopping.signal });
  return { clock, stopping, taken, published, counted, take };
}

const outage = () => new ServiceError('service-unavailable', 'The database is away.');

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('while storage is away a pour is held, not acknowledged and not refused; then it is taken once', async () => {
  const { clock, take, taken, published, counted } = link(outage(), outage());
  let isAcknowledged = false;
  const done = take(message('3', { volume: 500 })).then(() => {
    isAcknowledged = true;
  });
  await settle();
  expect({ isAcknowledged, taken }).toEqual({ isAcknowledged: false, taken: [] });
  for (let round = 0; round < 2; round += 1) {
    clock.advance(10_000);
    await settle();
  }
  await done;
  expect(taken).toEqual([{ tapId: 3, volume: 500 }]);
  expect(published).toEqual([]);
  expect(counted).toEqual(['new']);
});

test('what is held when the server stops is not acknowledged, and comes again', async () => {
  const { stopping, take, taken } = link(outage());
  const done = take(message('3', { volume: 500 }));
  await settle();
  stopping.abort();
  await expect(done).rejects.toThrow();
  expect(taken).toEqual([]);
});

test('a pour that can never be taken is acknowledged, and its tap is told why', async () => {
  const { take, published } = link(new ServiceError('reading-conflict', 'This tap has sent this readingId before.'));
  await take(message('3', { volume: 500, readingId: 'a' }));
  expect(published.map(({ topic, text }) => [topic, JSON.parse(text).type])).toEqual([
    ['taps/3/refused', '/problems/reading-conflict'],
  ]);
});

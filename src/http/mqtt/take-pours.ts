import type { Clock } from '../../core/clock.ts';
import type { ServiceError } from '../../core/errors.ts';
import { traceIdOf } from '../../core/trace.ts';
import type { DeviceBroker, DeviceMessage, TakeMessage } from '../../ports/device-broker.ts';
import type { Log } from '../../ports/log.ts';
import type { Measures } from '../../ports/metrics.ts';
import type { Taps } from '../../ports/taps.ts';
import { countPour } from '../beers/count-pour.ts';
import { problemOf, publicError } from '../problem.ts';
import { pourOf, tapNamed } from './pour-of-message.ts';

const retryFirstMs = 100;
const retryLongestMs = 5_000;

export interface TakePoursParts {
  readonly taps: Pick<Taps, 'pour'>;
  readonly publish: DeviceBroker['publish'];
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Pick<Measures, 'pourEnded'>;
  /** Aborted when the server stops: what is not taken by then comes again. */
  readonly signal: AbortSignal;
}

/**
 * Takes pours from the broker: each is acknowledged after its commit. While storage is away or full the message is held and tried
 * again; one that can never be taken is acknowledged, too, and the tap is told why.
 */
export function takePours({ taps, publish, clock, log, measures, signal }: TakePoursParts): TakeMessage {
  async function take(message: DeviceMessage): Promise<void> {
    // So a device takes back what the broker kept of it; it tells of nothing.
    if (message.payload.byteLength === 0) return;
    for (let waitMs = retryFirstMs; ; waitMs = Math.min(retryLongestMs, 2 * waitMs)) {
      signal.throwIfAborted();
      try {
        await countPour(measures, async () => taps.pour(pourOf(message, clock.now())));
        return;
      } catch (error) {
        const told = publicError(error);
        if (!told.retryable) return refuse(message, told);
        log.warn({ topic: message.topic, problem: told.code, err: told.cause }, 'mqtt.held');
        await pause(clock, waitMs, signal);
      }
    }
  }

  function refuse({ topic }: DeviceMessage, error: ServiceError): void {
    const traceId = traceIdOf(undefined);
    log.info({ traceId, topic, problem: error.code }, 'mqtt.refused');
    // Nobody waits for it, and nothing depends on it.
    publish(`taps/${tapNamed(topic)}/refused`, JSON.stringify(problemOf(error, topic, traceId))).catch((failure: unknown) =>
      log.warn({ traceId, err: failure }, 'mqtt.refusal-untold'),
    );
  }

  return take;
}

/** Resolves after a while, or when the signal aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const clear = clock.after(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        clear();
        resolve();
      },
      { once: true },
    );
  });
}

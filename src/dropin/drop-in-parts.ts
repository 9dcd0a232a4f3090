import type { Clock } from '../core/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../ports/log.ts';
import type { Measures } from '../ports/metrics.ts';
import type { Taps } from '../ports/taps.ts';

/** What the older services work with. */
export interface DropInParts {
  readonly engine: Engine;
  readonly taps: Taps;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  readonly settings: DropInSettings;
}

export interface DropInSettings {
  readonly uploadBytesMax: number;
  /** Where clients reach the server under another address than that of the request. */
  readonly publicUrl: string | null;
}

import type { Check } from './doctor-check.ts';
import { machineChecks } from './doctor-machine.ts';
import { placeChecks } from './doctor-places.ts';
import type { Settings } from './settings.ts';

/** Looks at everything that `serve` with these settings would need; changes nothing that lasts. */
export async function examine(settings: Settings): Promise<Check[]> {
  return [...(await machineChecks(settings)), ...(await placeChecks(settings))];
}

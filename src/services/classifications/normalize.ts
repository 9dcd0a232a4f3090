import { ServiceError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { nearestName } from '../../core/nearest-name.ts';

const shownCharsMax = 64;

/** Refuses models that are not installed when the job comes in. */
export function normalizer(installed: () => readonly string[]): (options: JsonObject) => JsonObject {
  return (options) => {
    const { model } = options;
    const ids = installed();
    if (typeof model === 'string' && ids.includes(model)) return options;
    throw unknownModel(String(model), ids);
  };
}

function unknownModel(asked: string, installed: readonly string[]): ServiceError {
  const near = nearestName(asked.slice(0, shownCharsMax), installed);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  const shown = JSON.stringify(asked.length > shownCharsMax ? `${asked.slice(0, shownCharsMax)}…` : asked);
  const detail = `There is no model ${shown}; there is ${installed.join(', ')}.${meant}`;
  return new ServiceError('unknown-model', detail, { fields: [{ pointer: '#/options/model', detail }] });
}

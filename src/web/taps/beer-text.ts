import type { Beer } from '../../client/client.ts';

/** A beer in words. */
export function beerText({ type, volume, tapId }: Pick<Beer, 'type' | 'volume' | 'tapId'>): string {
  return `${type} of ${volume} ml from tap ${tapId}`;
}

export const glassWords = { half: 'Half', pint: 'Pint', stein: 'Stein' } as const;

import type { Beer, BeerFilter as ListFilter } from '../../client/client.ts';
import { glassTypes } from '../../core/beer.ts';

/** Which beers are shown; it stands in the address, in the words of `GET /v1/beers`. */
export type BeerFilter = Pick<ListFilter, 'type' | 'tapId' | 'from' | 'to'>;

export function filterOf(parameters: URLSearchParams): BeerFilter {
  const type = glassTypes.find((each) => each === parameters.get('type'));
  const tap = parameters.get('tapId') ?? '';
  return {
    ...(type !== undefined && { type }),
    ...(/^\d{1,16}$/.test(tap) && Number.isSafeInteger(Number(tap)) && { tapId: Number(tap) }),
    ...timeOf(parameters, 'from'),
    ...timeOf(parameters, 'to'),
  };
}

function timeOf(parameters: URLSearchParams, name: 'from' | 'to'): BeerFilter {
  const value = parameters.get(name);
  return value === null || value === '' ? {} : { [name]: value };
}

/** Pages are counted from 1 on. */
export function pageOf(parameters: URLSearchParams): number {
  const text = parameters.get('page') ?? '';
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}

/** The address of this page with this filter. */
export function addressOf(filter: BeerFilter, page = 1): string {
  const parameters = new URLSearchParams();
  for (const name of ['type', 'tapId', 'from', 'to'] as const) {
    const value = filter[name];
    if (value !== undefined) parameters.set(name, String(value));
  }
  if (page > 1) parameters.set('page', String(page));
  // A colon needs no escape in a query, and times are easier to read with it.
  return parameters.size === 0 ? '/taps' : `/taps?${parameters.toString().replaceAll('%3A', ':')}`;
}

export function passes({ type, tapId, from, to }: BeerFilter, beer: Omit<Beer, 'id'>): boolean {
  const at = Date.parse(beer.timestamp);
  return (
    (type === undefined || type === beer.type) &&
    (tapId === undefined || tapId === beer.tapId) &&
    (from === undefined || at >= Date.parse(from)) &&
    (to === undefined || at < Date.parse(to))
  );
}

import { ServiceError } from '../../core/errors.ts';
import { isId } from '../../core/ids.ts';

export interface IdParams {
  Params: { id: string };
}

/** The id in a path; throws `not-found` for what can be nobody's id, so that it never reaches a store. */
export function pathId({ id }: { id: string }, what: 'job' | 'file' | 'action' | 'classification' | 'beer'): string {
  if (!isId(id)) throw new ServiceError('not-found', `There is no ${what} with this id.`);
  return id.toLowerCase();
}

import { createHash } from 'node:crypto';
import { ServiceError } from '../core/errors.ts';
import { isId } from '../core/ids.ts';
import { canonicalJson, type JsonObject } from '../core/json.ts';

/** A place in the history of a job, as clients see it. */
export function eventCursor(position: number): string {
  return Buffer.from(`e${position}`).toString('base64url');
}

/** The id of something that is told live and is not in the log: `mark` makes it unique. It is good for going on behind `position`. */
export function liveCursor(position: number, mark: string): string {
  return Buffer.from(`p${position}.${mark}`).toString('base64url');
}

/** The position behind which to go on; throws `invalid-cursor`. */
export function eventPosition(cursor: string): number {
  const [, kind, position, mark = ''] = /^([ep])(\d{1,15})(?:\.([0-9a-z-]{1,60}))?$/.exec(decoded(cursor)) ?? [];
  const spelled = kind === 'e' ? eventCursor(Number(position)) : liveCursor(Number(position), mark);
  if (position === undefined || spelled !== cursor) throw invalid();
  return Number(position);
}

/** A place in a list: behind the job `id`, for this caller and filter only. */
export function listCursor(id: string, filter: JsonObject): string {
  return Buffer.from(`l${id}${markOf(id, filter)}`).toString('base64url');
}

/** The id of the last job of the page before; throws `invalid-cursor`, also where it is for another list. */
export function listPosition(cursor: string, filter: JsonObject): string {
  const text = decoded(cursor);
  const id = text.slice(1, 37);
  if (!text.startsWith('l') || !isId(id) || listCursor(id, filter) !== cursor) throw invalid();
  return id;
}

/** Shows a cursor that was changed, or is passed on to another list. */
function markOf(id: string, filter: JsonObject): string {
  return createHash('sha256')
    .update(canonicalJson([id, filter]))
    .digest('base64url')
    .slice(0, 16);
}

function decoded(cursor: string): string {
  return Buffer.from(cursor.slice(0, 200), 'base64url').toString('latin1');
}

function invalid(): ServiceError {
  return new ServiceError('invalid-cursor', 'The cursor is not one that this list or history gave.');
}

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDuration } from '../../core/durations.ts';
import { serverOf } from '../open-client.ts';
import { UsageError } from '../usage-error.ts';

/** What `coatcheck tap` was asked for, checked. */
export interface TapFlags {
  readonly id: number;
  readonly server: string;
  /** On the average. */
  readonly everyMs: number;
  readonly volume: { readonly least: number; readonly most: number };
  /** Null: until it is told to stop. */
  readonly count: number | null;
  /** The file for what could not be sent. */
  readonly keep: string;
  readonly json: boolean;
}

/** Throws `UsageError`. */
export function readTapFlags(given: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): TapFlags {
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '');
  const id = wholeNumber('id', text('id'), 0);
  const server = serverOf(given.server, env);
  const every = text('every');
  const everyMs = parseDuration(every);
  if (everyMs === null || everyMs < 1)
    throw new UsageError(`--every must be a duration such as 3s, 500ms or 1m, not "${every}".`);
  const keep = text('keep');
  return {
    id,
    server,
    everyMs,
    volume: readVolume(text('volume')),
    count: given.count === undefined ? null : wholeNumber('count', text('count'), 1),
    keep: keep === '' ? defaultKeep(id, server, env) : resolve(keep),
    json: given.json === true,
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${flag} must be a whole number from ${least} on, not "${text}".`);
  return value;
}

/** Which volumes there are glasses for is for the server to say. */
function readVolume(text: string): TapFlags['volume'] {
  const [, least, most] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const volume = { least: Number(least), most: Number(most ?? least) };
  if (least === undefined || volume.least > volume.most)
    throw new UsageError(`--volume must be millilitres such as 100-1000 or 330, not "${text}".`);
  return volume;
}

/** A tap's pours belong to one server: those of another one lie in another file. */
function defaultKeep(id: number, server: string, env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const place = server.replace(/^\w+:\/\//, '').replace(/[^\w.-]+/g, '_');
  return join(state, 'coatcheck', `tap-${id}-${place}.pours`);
}

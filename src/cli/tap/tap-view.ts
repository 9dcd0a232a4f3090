import type { Beer, BeersEvent, ConnectionError, ConnectionState, ProblemError } from '../../client/client.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import type { KeptPour } from './kept-pours.ts';
import type { TapFlags } from './tap-flags.ts';

/** What a tap tells of itself and of what it hears. */
export interface TapView {
  starts(kept: number): void;
  /** `waiting`: how many wait for the server; 0 where it is there. */
  poured(pour: KeptPour, waiting: number): void;
  sent(pour: KeptPour, beer: Beer): void;
  refused(pour: KeptPour, error: ProblemError): void;
  /** The server does not answer, or is busy; what is poured from now on is kept. */
  away(error: ProblemError | ConnectionError, path: string): void;
  back(sent: number): void;
  full(most: number): void;
  heard(event: BeersEvent): void;
  connection(state: ConnectionState): void;
  ends(kept: number): void;
}

/** One JSON document a line: events as they are heard, and what the tap does as `tap.…`. */
export function jsonTapView(write: (line: string) => void): TapView {
  const tell = (value: object) => write(JSON.stringify(value));
  let told: ConnectionState | null = null;
  return {
    starts: (kept) => tell({ type: 'tap.started', kept }),
    poured: (pour, waiting) => tell({ type: 'tap.poured', ...pour, waiting }),
    sent: ({ readingId }, beer) => tell({ type: 'tap.sent', readingId, beer }),
    refused: ({ readingId }, { status, title, detail, errors }) =>
      tell({ type: 'tap.refused', readingId, status, title, detail, errors }),
    away: (error) => tell({ type: 'tap.away', detail: error.message }),
    back: (sent) => tell({ type: 'tap.back', sent }),
    full: (most) => tell({ type: 'tap.full', most }),
    heard: tell,
    connection(state) {
      if (state !== told) tell({ type: 'tap.connection', state });
      told = state;
    },
    ends: (kept) => tell({ type: 'tap.ended', kept }),
  };
}

/** Of a report; the others are counted together. */
const sharesShown = 4;

/** So many of its own beers a tap knows as told already, or as heard of before it knew that they were sent. */
const ownBeersMax = 1_000;

/** A line for each event, with its time, for a person. */
export function linesTapView(out: Terminal, flags: Pick<TapFlags, 'id' | 'server' | 'keep'>): TapView {
  const say = (text: string, at = new Date()) => out.write(`${out.paint('dim', timeOf(at))}  ${text}\n`);
  let wasLost = false;
  let sent = 0;
  /** Own beers that one of both, the answer and the event, has told of: the other one is silent. */
  const told = new Set<string>();

  function isToldFirst(id: string): boolean {
    if (told.delete(id)) return false;
    for (const oldest of told) if (told.size >= ownBeersMax) told.delete(oldest);
    told.add(id);
    return true;
  }

  return {
    starts(kept) {
      say(`Tap ${flags.id} pours into ${flags.server}; Ctrl-C ends it.`);
      if (kept > 0) say(`${pours(kept)} from before ${kept === 1 ? 'is' : 'are'} sent first.`);
    },
    poured(pour, waiting) {
      if (waiting > 0) say(`${out.mark('note')} kept ${pour.volume} ml; ${pours(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`);
    },
    sent(_pour, beer) {
      sent += 1;
      if (isToldFirst(beer.id)) say(out.paint('bold', pourLine(beer)), new Date(beer.timestamp));
    },
    refused: ({ volume }, error) => say(`${out.mark('problem')} ${volume} ml refused: ${oneLine(reasonOf(error))}`),
    away: (error, path) => say(`${out.mark('note')} ${oneLine(error.message)} Pours are kept in ${path} until it takes them.`),
    back: (late) => say(`${out.mark('ok')} The server takes pours again; ${pours(late)} sent.`),
    full: (most) => say(`${out.mark('problem')} ${pours(most)} wait: nothing is poured until the server takes some.`),
    heard(event) {
      const line = lineOf(event);
      if (line === null) return;
      const isOwn = event.type === 'beer.poured' && event.data.tapId === flags.id;
      if (isOwn && !isToldFirst(event.data.id)) return;
      say(isOwn ? out.paint('bold', line) : line, 'time' in event ? new Date(event.time) : undefined);
    },
    connection(state) {
      if (state === 'lost' && !wasLost) say(`${out.mark('note')} The connection is lost; it is opened anew.`);
      if (state !== 'lost' && wasLost) say(`${out.mark('ok')} Connected again.`);
      wasLost = state === 'lost';
    },
    ends(kept) {
      say(`Tap ${flags.id} ends; ${pours(sent)} sent.`);
      if (kept > 0) say(`${pours(kept)} kept in ${flags.keep}: sent when this tap is started again.`);
    },
  };
}

/** Null for what is no news to a person. */
export function lineOf(event: BeersEvent): string | null {
  switch (event.type) {
    case 'beer.poured':
      return pourLine(event.data);
    case 'beer.deleted':
      return `A beer was deleted: tap ${event.data.tapId}, ${event.data.type}, ${event.data.volume} ml`;
    case 'taps.report': {
      const { total, taps } = event.data;
      const most = taps.toSorted((one, other) => other.beers - one.beers);
      const shares = most.slice(0, sharesShown).map(({ tapId, share }) => `tap ${tapId} ${(share * 100).toFixed(1)} %`);
      const others = most.length > sharesShown ? [`${most.length - sharesShown} more`] : [];
      return `${total} ${total === 1 ? 'beer' : 'beers'} in all${taps.length === 0 ? '' : `: ${[...shares, ...others].join(', ')}`}`;
    }
    case 'resync':
      return 'More than 24 hours were missed.';
    default:
      return null;
  }
}

function pourLine({ tapId, type, volume }: Pick<Beer, 'tapId' | 'type' | 'volume'>): string {
  return `Tap ${tapId} poured a ${type}, ${volume} ml`;
}

function pours(count: number): string {
  return count === 1 ? '1 pour' : `${count} pours`;
}

function reasonOf({ detail, errors }: ProblemError): string {
  return errors.length === 0 ? detail : errors.map((field) => `${field.pointer.replace(/^#\//, '')} ${field.detail}`).join(', ');
}

/** As the clock of the reader shows it. */
function timeOf(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

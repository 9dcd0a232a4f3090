import type { IncomingMessage } from 'node:http';

/** Of so many bodies that nobody wants a piece is taken in one turn of the event loop; the others wait in their connections. */
const piecesPerTurnMax = 4;

const waiting = new Set<IncomingMessage>();
let isTurnDue = false;

/**
 * Drops a body as it comes, but never so much at once that others wait for it: a piece has 64 kB, and hundreds of clients that are
 * turned away send theirs together. One that comes slowly holds nobody up.
 */
export function dropBody(request: IncomingMessage): void {
  request.on('data', () => {
    request.pause();
    goOnLater(request);
  });
  request.once('close', () => waiting.delete(request));
  request.pause();
  // Node takes a body that nobody has begun to read for one that it should drop itself, all at once.
  request.read(0);
  goOnLater(request);
}

function goOnLater(request: IncomingMessage): void {
  waiting.add(request);
  askForTurn();
}

function askForTurn(): void {
  if (isTurnDue) return;
  isTurnDue = true;
  setImmediate(nextTurn);
}

function nextTurn(): void {
  isTurnDue = false;
  let left = piecesPerTurnMax;
  for (const request of waiting) {
    waiting.delete(request);
    request.resume();
    left -= 1;
    if (left === 0) break;
  }
  if (waiting.size > 0) askForTurn();
}

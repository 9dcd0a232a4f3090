/** So many requests are begun before everything else that is ready has its turn. */
const begunPerTurnMax = 32;
/** Of each the first bytes of its body are in memory; more requests than that do not wait. */
const waitingMax = 256;

/**
 * Begins requests a few at a time, in the order in which they come. A server that turns thousands away would else do all of that
 * in one turn of its event loop, and what it has accepted, which takes many turns to store and to work off, would stand still.
 */
export function createFewAtATime(): (begin: () => void) => void {
  const waiting: (() => void)[] = [];
  let begun = 0;

  function nextTurn(): void {
    begun = 0;
    for (const begin of waiting.splice(0, begunPerTurnMax)) start(begin);
  }

  function start(begin: () => void): void {
    if (begun === 0) setImmediate(nextTurn);
    begun += 1;
    begin();
  }

  return (begin) => {
    if (waiting.length < waitingMax && (waiting.length > 0 || begun >= begunPerTurnMax)) waiting.push(begin);
    else start(begin);
  };
}

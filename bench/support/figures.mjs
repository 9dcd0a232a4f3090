/** A measured line of the table, and whether it is what was asked for. `spread` tells the ratios of the single rounds. */

/** Ours by the peer's, where more is better. `measured` comes from `alternate`. */
export function ratioFigure({ what, peer, unit, measured, atLeast }) {
  const { ours, peer: theirs, ratio, ratios } = measured;
  const reach = { ratioAtLeast: atLeast };
  return { what, unit, ours, peer: { name: peer, value: theirs }, ratio, spread: spreadOf(ratios), reach, met: ratio >= atLeast };
}

/** Ours with much by ours with little, where less is better. */
export function growthFigure({ what, peer, unit, measured, atMost }) {
  const { ours, peer: theirs, ratio, ratios } = measured;
  const reach = { ratioAtMost: atMost };
  return { what, unit, ours, peer: { name: peer, value: theirs }, ratio, spread: spreadOf(ratios), reach, met: ratio <= atMost };
}

/** Two sides that are only to be known: nothing is to be reached. */
export function comparedFigure({ what, peer, unit, measured }) {
  const { ours, peer: theirs, ratio, ratios } = measured;
  return { what, unit, ours, peer: { name: peer, value: theirs }, ratio, spread: spreadOf(ratios), reach: {}, met: true };
}

/** A figure of ours alone that is to stay below a bound. */
export function boundFigure({ what, unit, ours, below, note = null }) {
  return { what, unit, ours, peer: null, ratio: null, spread: null, note, reach: { oursBelow: below }, met: ours < below };
}

/** A figure that could not be taken here, which is no success. */
export function missingFigure(what, note) {
  return { what, unit: '', ours: null, peer: null, ratio: null, spread: null, note, reach: {}, met: false };
}

function spreadOf(ratios) {
  return { least: Math.min(...ratios), most: Math.max(...ratios) };
}

const headings = ['what', 'ours', 'peer', 'ratio', 'reach', 'verdict'];

/** The figures as a table for people, one line each. */
export function table(figures) {
  const rows = [headings, ...figures.map(cells)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

function cells({ what, unit, ours, peer, ratio, spread, note, reach, met }) {
  return [
    what,
    ours === null ? note : `${number(ours)} ${unit}${note ? ` (${note})` : ''}`,
    peer === null ? '' : `${number(peer.value)} ${unit} (${peer.name})`,
    ratio === null ? '' : `${ratio.toFixed(2)} (${spread.least.toFixed(2)} to ${spread.most.toFixed(2)})`,
    reachText(reach, unit),
    verdict(reach, met),
  ];
}

function reachText({ ratioAtLeast, ratioAtMost, oursBelow }, unit) {
  if (ratioAtLeast !== undefined) return `at least ${ratioAtLeast}`;
  if (ratioAtMost !== undefined) return `at most ${ratioAtMost}`;
  return oursBelow === undefined ? '' : `below ${number(oursBelow)} ${unit}`;
}

function verdict(reach, met) {
  if (!met) return 'missed';
  return Object.keys(reach).length === 0 ? 'for comparison' : 'reached';
}

/** As people read it. */
export function number(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

import { oneLine, type Terminal } from './terminal.ts';

/** Shows how far something is: one line that is redrawn on a terminal, elsewhere a new line now and then. */
export interface ProgressLine {
  /** `fraction` is null where it cannot be told. */
  show(label: string, fraction: number | null, message: string | null): void;
  /** Takes the line away from a terminal, so that something else can be written. */
  clear(): void;
}

const barCells = 24;
export const redrawMs = 50;
/** Where nothing can be redrawn, a line is written for each so many hundredths. */
const plainStep = 25;

export function createProgressLine(terminal: Terminal, now: () => number = Date.now): ProgressLine {
  return terminal.interactive ? redrawnLine(terminal, now) : plainLines(terminal);
}

function redrawnLine(terminal: Terminal, now: () => number): ProgressLine {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawnLabel = '';
  return {
    show(label, fraction, message) {
      if (label === drawnLabel && fraction !== 1 && now() - drawnAt < redrawMs) return;
      drawnAt = now();
      drawnLabel = label;
      terminal.write(`\r\u001b[2K${[...progressText(label, fraction, message)].slice(0, terminal.columns - 1).join('')}`);
    },
    clear() {
      if (drawnLabel !== '') terminal.write('\r\u001b[2K');
      drawnLabel = '';
    },
  };
}

function plainLines(terminal: Terminal): ProgressLine {
  let written = '';
  return {
    show(label, fraction, message) {
      const step = fraction === null ? message : Math.floor((fraction * 100) / plainStep);
      if (written === `${label} ${step}`) return;
      written = `${label} ${step}`;
      const parts = [label, ...(fraction === null ? [] : [percent(fraction)]), ...(message === null ? [] : [oneLine(message)])];
      terminal.write(`${parts.join('  ')}\n`);
    },
    clear() {
      written = '';
    },
  };
}

/** A line with a bar, as it is drawn on a terminal. */
export function progressText(label: string, fraction: number | null, message: string | null): string {
  const bar = fraction === null ? '' : `  ${barOf(fraction)} ${percent(fraction).padStart(5)}`;
  return `${label}${bar}${message === null ? '' : `  ${oneLine(message)}`}`;
}

export function barOf(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barCells);
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)}`;
}

export function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

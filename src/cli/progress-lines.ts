import { type Clock, systemClock } from '../core/clock.ts';
import { oneLine, type Terminal } from './terminal.ts';

/** How far several things are: on a terminal a line with a bar for each, redrawn together; elsewhere a new line now and then. */
export interface ProgressLines {
  line(): ProgressLine;
  /** Lets something be written that stays, above the lines. */
  pause(write: () => void): void;
  /** Takes all lines away. */
  clear(): void;
}

export interface ProgressLine {
  /** `fraction` is null where it cannot be told. */
  show(label: string, fraction: number | null, message: string | null): void;
  clear(): void;
}

interface Shown {
  readonly label: string;
  readonly fraction: number | null;
  readonly message: string | null;
}

const redrawMs = 50;
const linesMax = 15;
/** Where nothing can be redrawn, a line is written for each so many hundredths. */
const plainStep = 25;
/** What a person reads in a file or a pipe may come as seldom as this. */
export const forPeople = { plainEveryMs: 1_000 };

export const noProgress: ProgressLines = {
  line: () => ({ show: () => undefined, clear: () => undefined }),
  pause: (write) => write(),
  clear: () => undefined,
};

interface ProgressLinesOptions {
  readonly clock?: Clock;
  /** Where nothing can be redrawn: what is told of a thing is written so often at most, and not at all of one that is over by then. */
  readonly plainEveryMs?: number;
}

export function createProgressLines(terminal: Terminal, options: ProgressLinesOptions = {}): ProgressLines {
  const { clock = systemClock, plainEveryMs = 0 } = options;
  return terminal.interactive ? redrawnLines(terminal, clock) : plainLines(terminal, clock, plainEveryMs);
}

function redrawnLines(terminal: Terminal, clock: Clock): ProgressLines {
  const going = new Map<object, Shown>();
  let drawn = 0;
  let cancelTimer: (() => void) | null = null;

  /** In one write, over the old lines, so that nothing flickers. What is too wide all the same (signs of two cells) must not wrap. */
  function draw(): void {
    cancelTimer?.();
    cancelTimer = null;
    const lines = picture([...going.values()], terminal.columns - 1);
    if (drawn + lines.length === 0) return;
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    drawn = lines.length;
    terminal.write(`${up}\r\u001b[?7l${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J\u001b[?7h`);
  }

  function erase(): void {
    if (drawn > 0) terminal.write(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  }

  const drawSoon = () => {
    cancelTimer ??= clock.after(redrawMs, draw);
  };

  return {
    line() {
      const key = {};
      return {
        show(label, fraction, message) {
          going.set(key, { label: oneLine(label), fraction, message });
          drawSoon();
        },
        clear() {
          if (going.delete(key)) drawSoon();
        },
      };
    },
    pause(write) {
      erase();
      write();
      draw();
    },
    clear() {
      cancelTimer?.();
      cancelTimer = null;
      going.clear();
      erase();
    },
  };
}

function plainLines(terminal: Terminal, clock: Clock, everyMs: number): ProgressLines {
  /** Lines with something to write, by what takes their timers back. */
  const due = new Map<object, () => void>();

  function forget(key: object): void {
    due.get(key)?.();
    due.delete(key);
  }

  return {
    line() {
      const key = {};
      let noted = '';
      let latest = '';
      const write = () => {
        due.delete(key);
        terminal.write(latest);
      };
      return {
        show(label, fraction, message) {
          const parts = [label, fraction === null ? null : percent(fraction), message];
          latest = `${parts.flatMap((part) => (part === null ? [] : [oneLine(part)])).join('  ')}\n`;
          const step = `${label} ${fraction === null ? message : Math.floor((fraction * 100) / plainStep)}`;
          if (step === noted) return;
          noted = step;
          if (everyMs === 0) write();
          else if (!due.has(key)) due.set(key, clock.after(everyMs, write));
        },
        clear() {
          noted = '';
          forget(key);
        },
      };
    },
    pause: (write) => write(),
    clear() {
      for (const key of due.keys()) forget(key);
    },
  };
}

/** The lines below each other: labels of one width, of which the bars leave at least a third of a narrow terminal. */
function picture(going: readonly Shown[], columns: number): string[] {
  const shown = going.slice(0, linesMax);
  const barCells = columns >= 72 ? 20 : 10;
  const labelMax = Math.max(Math.floor(columns / 3), columns - barCells - 24);
  const labelWidth = Math.min(labelMax, Math.max(0, ...shown.map(({ label }) => [...label].length)));
  const lines = shown.map(({ label, fraction, message }) => {
    const bar = fraction === null ? '' : `  ${barOf(fraction, barCells)} ${percent(fraction).padStart(5)}`;
    return cut(`${shortened(label, labelWidth).padEnd(labelWidth)}${bar}  ${oneLine(message ?? '')}`.trimEnd(), columns);
  });
  return going.length > shown.length ? [...lines, `and ${going.length - shown.length} more`] : lines;
}

function barOf(fraction: number, cells: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)}`;
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

/** Without its middle where it is too long: names differ at their ends. */
function shortened(text: string, width: number): string {
  const signs = [...text];
  if (signs.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${signs.slice(0, width - 1 - tail).join('')}…${signs.slice(signs.length - tail).join('')}`;
}

function cut(text: string, columns: number): string {
  const signs = [...text];
  return signs.length <= columns ? text : `${signs.slice(0, columns - 1).join('')}…`;
}

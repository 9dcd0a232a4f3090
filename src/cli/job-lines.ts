import { barOf, percent } from './progress-line.ts';
import { oneLine, type Terminal } from './terminal.ts';

/** What is shown of several jobs at once: on a terminal a bar for each that goes on, elsewhere a line for each step. */
export interface JobLines {
  /** `fraction` is null where it cannot be told. */
  show(job: string, label: string, fraction: number | null, message: string | null): void;
  /** A last line for the job, which stays. */
  finish(job: string, label: string, mark: 'ok' | 'note' | 'problem', message: string): void;
  /** Takes the bars away. */
  clear(): void;
}

const redrawMs = 50;
const barsMax = 15;
const plainStep = 25;

export function createJobLines(terminal: Terminal): JobLines {
  return terminal.interactive ? bars(terminal) : steps(terminal);
}

interface Bar {
  readonly label: string;
  readonly fraction: number | null;
  readonly message: string | null;
}

function bars(terminal: Terminal): JobLines {
  const going = new Map<string, Bar>();
  let drawn = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  /** One write a picture, so that nothing flickers: the old bars go, what is to stay comes, then the new bars. */
  function draw(staying: readonly string[] = []): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const shown = [...going.values()].slice(0, barsMax).map((bar) => barLine(bar, terminal.columns));
    const more = going.size > barsMax ? [terminal.paint('dim', `and ${going.size - barsMax} more`)] : [];
    const erase = '\u001b[1A\u001b[2K'.repeat(drawn);
    drawn = shown.length + more.length;
    terminal.write(`${erase}\r${[...staying, ...shown, ...more].map((line) => `${line}\n`).join('')}`);
  }

  return {
    show(job, label, fraction, message) {
      going.set(job, { label, fraction, message });
      timer ??= setTimeout(draw, redrawMs);
    },
    finish(job, label, mark, message) {
      going.delete(job);
      draw([`${terminal.mark(mark)} ${oneLine(label)}  ${oneLine(message)}`]);
    },
    clear() {
      going.clear();
      draw();
    },
  };
}

function barLine({ label, fraction, message }: Bar, columns: number): string {
  const bar = fraction === null ? '' : `  ${barOf(fraction)} ${percent(fraction).padStart(5)}`;
  const line = `  ${oneLine(label)}${bar}${message === null ? '' : `  ${oneLine(message)}`}`;
  return [...line].slice(0, columns - 1).join('');
}

function steps(terminal: Terminal): JobLines {
  const written = new Map<string, string>();
  const write = (...parts: (string | null)[]) => {
    const line = parts.filter((part) => part !== null).map(oneLine);
    terminal.write(`${line.join('  ')}\n`);
  };
  return {
    show(job, label, fraction, message) {
      const step = fraction === null ? String(message) : String(Math.floor((fraction * 100) / plainStep));
      if (written.get(job) === step) return;
      written.set(job, step);
      write(job, label, fraction === null ? null : percent(fraction), message);
    },
    finish(job, label, _mark, message) {
      written.delete(job);
      write(job, label, message);
    },
    clear: () => written.clear(),
  };
}

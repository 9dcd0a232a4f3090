import { createProgressLine, type ProgressLine, progressText, redrawMs } from './progress-line.ts';
import type { Terminal } from './terminal.ts';

/** Progress of several things at once: a line each, redrawn together on a terminal. */
export interface ProgressLines {
  /** A line of its own; it goes with `clear`. */
  line(): ProgressLine;
  /** Takes all lines away while something else is written. */
  pause(write: () => void): void;
}

export function createProgressLines(terminal: Terminal, now: () => number = Date.now): ProgressLines {
  if (!terminal.interactive) return { line: () => createProgressLine(terminal, now), pause: (write) => write() };
  const texts = new Map<object, string>();
  let drawn = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function erase(): void {
    if (drawn > 0) terminal.write(`\r${'\u001b[1A\u001b[2K'.repeat(drawn)}`);
    drawn = 0;
  }

  function draw(): void {
    erase();
    for (const text of texts.values()) terminal.write(`${[...text].slice(0, terminal.columns - 1).join('')}\n`);
    drawn = texts.size;
    drawnAt = now();
  }

  return {
    line() {
      const key = {};
      return {
        show(label, fraction, message) {
          const isNew = !texts.has(key);
          texts.set(key, progressText(label, fraction, message));
          if (isNew || fraction === 1 || now() - drawnAt >= redrawMs) draw();
        },
        clear() {
          if (texts.delete(key)) draw();
        },
      };
    },
    pause(write) {
      erase();
      write();
      draw();
    },
  };
}

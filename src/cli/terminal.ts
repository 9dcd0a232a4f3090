import type { WriteStream } from 'node:tty';

/** How a stream may be written to: as a terminal that a person looks at, or plainly. */
export interface Terminal {
  write(text: string): void;
  readonly columns: number;
  /** Whether lines can be redrawn and signs beyond ASCII are welcome. */
  readonly interactive: boolean;
  paint(colour: keyof typeof colours, text: string): string;
  mark(kind: keyof typeof marks): string;
}

const colours = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 } as const;

const marks = {
  ok: { sign: '✓', word: 'ok', colour: 'green' },
  note: { sign: '•', word: 'note', colour: 'yellow' },
  problem: { sign: '✗', word: 'problem', colour: 'red' },
} as const;

/** NO_COLOR (https://no-color.org) and TERM=dumb are heeded. */
export function terminalOf(stream: NodeJS.WriteStream | WriteStream, env: NodeJS.ProcessEnv): Terminal {
  const interactive = stream.isTTY === true && env.TERM !== 'dumb';
  const coloured = interactive && !env.NO_COLOR;
  const paint: Terminal['paint'] = (colour, text) => (coloured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text);
  return {
    write: (text) => void stream.write(text),
    get columns() {
      return stream.columns > 0 ? stream.columns : 80;
    },
    interactive,
    paint,
    mark(kind) {
      const { sign, word, colour } = marks[kind];
      return interactive ? paint(colour, sign) : word.padEnd('problem'.length);
    },
  };
}

/** Text of others on a line of ours: without control characters, which could move the cursor or hide what is there. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A line that `coatcheck tap --json` has written. */
export type TapLine = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A tap process as a user would start it. */
export interface TapProgram {
  /** All of a type that it has written so far. */
  lines(type: string): TapLine[];
  /** Resolves with the exit code, or the signal that ended it, when all that it has written has come. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  end(signal: NodeJS.Signals): TapProgram['ended'];
}

/** Starts `coatcheck tap --json`. */
export function startTap(flags: readonly string[]): TapProgram {
  const child = spawn(process.execPath, [main, 'tap', '--json', ...flags], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const written: TapLine[] = [];
  createInterface(child.stdout).on('line', (line) => {
    // What was being written when it was killed.
    if (line.endsWith('}')) written.push(JSON.parse(line));
  });
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode);
  return {
    lines: (type) => written.filter((line) => line.type === type),
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

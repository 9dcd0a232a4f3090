#!/usr/bin/env node
/** The program: reads the command line, runs the command, ends with its exit code. */
import { Command } from 'commander';
import { version } from '../app/version.ts';
import { addDoctor } from './doctor.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addModel } from './model.ts';
import { reportError } from './report-error.ts';
import { addServe } from './serve.ts';
import { addSubmit } from './submit.ts';
import { addTap } from './tap.ts';
import { addWatch } from './watch.ts';
import { addWorker } from './worker.ts';

const json = process.argv.includes('--json');

const program = new Command('coatcheck')
  .description('Slow work on files: hand in a file, get a ticket, watch it live, pick up the result.')
  .version(version)
  .addHelpText('after', exitCodesHelp)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => (json ? undefined : write(text.replace(/^error: /, ''))) });

const exit = (code: ExitCode) => {
  process.exitCode = code;
};

addServe(program);
addSubmit(program, exit);
addWatch(program, exit);
addTap(program, exit);
addWorker(program);
addModel(program);
addDoctor(program, exit);

// Whoever reads no more (`… | head`) has what was wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.stopped);
});

const [, , first = '', second = ''] = process.argv;
const command = first === 'help' ? second : first;
const isKnown = command === '' || command.startsWith('-') || program.commands.some((one) => one.name() === command);

try {
  // Of a command that there is not only the name: with `--help` behind it, or `help` before, it would be answered with the help of all others.
  await program.parseAsync(isKnown ? process.argv : [...process.argv.slice(0, 2), command]);
} catch (error) {
  exit(reportError(error, json));
}

import type { Command } from 'commander';
import type { Check } from '../app/doctor-check.ts';
import { loadSettings } from '../app/settings.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addSettingOptions, settingFlags } from './settings-options.ts';
import { terminalOf } from './terminal.ts';

/** `coatcheck doctor`: says what is so on this machine and what to do about it. */
export function addDoctor(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('doctor')
    .description('Check what the server needs: with the same settings as "serve", what would it find here?')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', exitCodesHelp);
  addSettingOptions(command).action(async () => exit(await doctor(settingFlags(command), command.opts().json === true)));
}

async function doctor(flags: Record<string, string | boolean>, json: boolean): Promise<ExitCode> {
  const settings = loadSettings({ flags, env: process.env });
  const { examine } = await import('../app/doctor.ts');
  const checks = await examine(settings);
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (json) process.stdout.write(`${JSON.stringify({ problems, checks }, null, 2)}\n`);
  else tell(checks, problems);
  return problems === 0 ? exitCodes.done : exitCodes.failed;
}

function tell(checks: readonly Check[], problems: number): void {
  const out = terminalOf(process.stdout, process.env);
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, status, found, advice } of checks) {
    out.write(`${out.mark(status)} ${name.padEnd(width)}  ${found}\n`);
    if (advice !== null)
      out.write(`${' '.repeat(out.interactive ? 2 : 8)}${' '.repeat(width)}  ${out.paint('dim', `-> ${advice}`)}\n`);
  }
  out.write(
    problems === 0
      ? '\nCoatcheck can run here.\n'
      : `\n${problems === 1 ? 'One problem' : `${problems} problems`} to mend first.\n`,
  );
}

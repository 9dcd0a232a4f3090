import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { App } from '../app/app.ts';
import { loadSettings, type Settings } from '../app/settings.ts';
import { ServiceError } from '../core/errors.ts';
import { messageOf } from '../core/message-of.ts';
import { redactText } from '../core/redact.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addSettingOptions, settingFlags } from './settings-options.ts';

/** `coatcheck serve`: runs the server until it is told to stop. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('Run the server. Every setting is a flag or an environment variable; the flag wins.')
    .addHelpText(
      'after',
      `\nSIGTERM or Ctrl-C stops it once running jobs are done or handed back;\na second one at once.\n${exitCodesHelp}`,
    );
  // Whatever may still be open then must not keep the process alive.
  addSettingOptions(command).action(async () => process.exit(await serve(settingFlags(command))));
}

/**
 * V8 lets a small heap grow to four times what lives in it before it clears all of it. Requests leave some kilobytes each that only
 * that clears away, so that 30 MB became 120. Doubling is enough: a server under load stays 60 MB smaller, and no slower. A V8
 * without this flag would say so on standard error and go on.
 */
const heapGrowth = '--heap-growing-percent=100';

async function serve(flags: Record<string, string | boolean>): Promise<ExitCode> {
  setFlagsFromString(heapGrowth);
  // Loaded here, because the other commands have no use for the server.
  const { serviceNames } = await import('../app/services.ts');
  const settings = loadSettings({ flags, env: process.env, services: serviceNames });
  const told = toldToStop();
  const { startApp } = await import('../app/app.ts');
  const app = await startApp(settings).catch((error: unknown) => {
    process.stderr.write(`${redactText(startFailure(error, settings))}\n`);
    return null;
  });
  if (app === null) return exitCodes.failed;
  process.stdout.write(`Coatcheck is ready at ${app.url}\n`);
  const reason = await Promise.race([told, app.broken]);
  if (reason === undefined) return stop(app);
  process.stderr.write(`${reason}\n`);
  return exitCodes.failed;
}

/** Resolves at the first SIGTERM or SIGINT; from the second on the process ends at once. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = () => {
      signals += 1;
      if (signals > 1) process.exit(exitCodes.failed);
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

async function stop(app: App): Promise<ExitCode> {
  try {
    await app.stop();
    return exitCodes.done;
  } catch (error) {
    process.stderr.write(`Coatcheck did not stop cleanly: ${redactText(messageOf(error))}\n`);
    return exitCodes.failed;
  }
}

const programFolder = fileURLToPath(new URL('../../', import.meta.url));
const unwritable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT'];

/** One sentence for the errors that a person can mend; what else there is, as it is. */
function startFailure(error: unknown, settings: Settings): string {
  const { host, port, data } = settings;
  if (error instanceof ServiceError) return `Coatcheck cannot start: ${error.message}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is in use: stop the program that has it, or choose another with --port (0 takes any free one).`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `The address ${host} is not one of this machine: give one that it has with --host.`;
  if (code === 'EACCES' && isListening(error))
    return `Port ${port} may not be opened by this user: choose one above 1023 with --port.`;
  if (code === 'EEXIST' && error instanceof Error && 'path' in error)
    return `${error.path} is a file: choose a folder with --data, or move the file away.`;
  if (typeof code === 'string' && unwritable.includes(code)) return unusablePath(error, settings);
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') return `There is no room left where the data folder ${data} lies.`;
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return unusableDatabase(error, settings);
  return `Coatcheck cannot start: ${messageOf(error)}`;
}

/** Says of which of our places the path is that the system has refused; what the program itself consists of is none of them. */
function unusablePath(error: unknown, { data, database, blobs }: Settings): string {
  const told = messageOf(error);
  const path = error instanceof Error && 'path' in error ? String(error.path) : '';
  const places = [
    ['data folder', data, '--data'],
    ['folder of files', blobs.path, '--blobs'],
    ['database', database.path, '--database'],
  ] as const;
  const [place, at, flag] = places.find(([, at]) => isWithin(at, path) || isWithin(path, at)) ?? [];
  if (place !== undefined)
    return `The ${place} ${at} cannot be written (${told}): choose another with ${flag}, or change its owner.`;
  if (isWithin(programFolder, path))
    return `A file of the program is missing or cannot be read (${told}): install Coatcheck again.`;
  return `Coatcheck cannot start: ${told}`;
}

function unusableDatabase(error: unknown, { database }: Settings): string {
  return `The database ${database.path} cannot be opened (${messageOf(error)}): choose another with --database, look who may write there, or restore a backup.`;
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`);
}

function isListening(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}

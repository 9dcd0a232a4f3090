import type { Command } from 'commander';
import { loadSettings } from '../app/settings.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addSettingOptions, settingFlags } from './settings-options.ts';
import { UsageError } from './usage-error.ts';

/** `coatcheck worker`: runs jobs of a database that several processes share. */
export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('Run jobs beside other processes, on a database that they share (--database).')
    .addHelpText('after', exitCodesHelp);
  addSettingOptions(command).action(() => {
    const { database } = loadSettings({ flags: settingFlags(command), env: process.env });
    // Other kinds of database do not exist yet; the flag refuses them by itself.
    throw new UsageError(
      `The database ${database.path} is embedded in one process, so that no worker can run beside it: "coatcheck serve --workers N" runs jobs itself, and --database must name a database that processes can share.`,
    );
  });
}

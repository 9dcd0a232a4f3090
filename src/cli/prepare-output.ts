import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { makeFolders } from '../app/make-folders.ts';
import { messageOf } from '../core/message-of.ts';
import { UsageError } from './usage-error.ts';

/**
 * Looks, before anything is sent, whether what jobs make can be saved at `output`; a folder that is wanted there is made. Throws
 * `UsageError`.
 */
export async function prepareOutput(output: string, isForSeveral: boolean): Promise<void> {
  if (output === '-') {
    if (isForSeveral) throw new UsageError('Several files need a folder: name one with --output, not "-".');
    return;
  }
  const found = await stat(output).catch(() => null);
  if (isForSeveral && found !== null && !found.isDirectory())
    throw new UsageError(`${output} is a file: several files need a folder as --output.`);
  const wantsFolder = isForSeveral || namesFolder(output) || found?.isDirectory() === true;
  const folder = wantsFolder ? output : dirname(output);
  try {
    if (wantsFolder) await makeFolders(output, 0o777);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`Nothing can be saved in the folder ${folder} (${reasonOf(error)}): name another with --output.`);
  }
}

/** Whether it can only be a folder, be it there or not. */
export function namesFolder(output: string): boolean {
  return output.endsWith('/') || output.endsWith(sep);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'it is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not';
  return messageOf(error);
}

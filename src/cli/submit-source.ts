import { constants, openAsBlob } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { SubmitSource } from '../client/client.ts';
import { messageOf } from '../core/message-of.ts';
import { UsageError } from './usage-error.ts';

/** The file that a command names, ready to be sent. */
export interface NamedSource {
  readonly source: SubmitSource;
  readonly name: string;
}

/**
 * Opens FILE: `-` is standard input, and a link is left to the server. Nothing is read yet, so its size does not matter.
 * Throws `UsageError`.
 */
export async function openSource(file: string): Promise<NamedSource> {
  if (/^https?:\/\//i.test(file)) return { source: { url: file }, name: file };
  // Node's own type of a web stream and the one of the DOM differ only in name.
  if (file === '-') return { source: Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>, name: 'stdin' };
  try {
    if ((await stat(file)).isDirectory()) throw new UsageError(`${file} is a folder; name one file.`);
    await access(file, constants.R_OK);
    return { source: await openAsBlob(file), name: basename(file) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(sentenceOf(error, file));
  }
}

function sentenceOf(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node has put this sign in place of the bytes that it could not read as text, and they are gone.
  if (code === 'ENOENT' && file.includes('\uFFFD'))
    return `The name ${file} is not written in UTF-8: give the file another, or hand it in as standard input ("-" and < FILE).`;
  if (code === 'ENOENT') return `There is no file ${file}.`;
  if (code === 'EACCES') return `This user may not read ${file}.`;
  return `${file} cannot be read: ${messageOf(error)}.`;
}

/** Whether it was the file that could not be read while it was sent, and not the connection that was lost. */
export function isOfTheFile(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at.name === 'NotReadableError') return true;
  return false;
}

import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { SubmitSource } from '../client/client.ts';
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
    return { source: await openAsBlob(file), name: basename(file) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      missing ? `There is no file ${file}.` : `${file} cannot be read: ${error instanceof Error ? error.message : error}.`,
    );
  }
}

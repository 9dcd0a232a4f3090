import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogueEntry, RemoteFile } from '../../services/classifications/catalogue.ts';
import type { ModelDescription } from '../../services/classifications/model-description.ts';
import { makeFolders } from '../make-folders.ts';
import type { Settings } from '../settings.ts';
import { download } from './download.ts';
import { installModel } from './install-model.ts';

export interface PullOptions {
  /** The folder of models. */
  readonly folder: string;
  readonly sandbox: Settings['sandbox'];
  /** An address under which the files lie by their names, instead of those of the catalogue. */
  readonly mirror: string | null;
  readonly onProgress: (bytes: number, ofBytes: number) => void;
}

/** Downloads a model and its labels, goes on where an earlier try ended, and installs it. */
export async function pullModel(entry: CatalogueEntry, options: PullOptions): Promise<ModelDescription> {
  const { folder, mirror } = options;
  const incoming = join(folder, '.incoming');
  await makeFolders(incoming);
  const ofBytes = entry.model.bytes + entry.labels.bytes;
  const [labels, file] = [join(incoming, entry.labels.name), join(incoming, entry.model.name)];
  const fetched = (remote: RemoteFile, path: string, before: number) =>
    download(mirrored(remote, mirror), { path, onProgress: (bytes) => options.onProgress(before + bytes, ofBytes) });
  await fetched(entry.labels, labels, 0);
  await fetched(entry.model, file, entry.labels.bytes);
  const { id, title, preprocess, licence } = entry;
  const source = entry.model.addresses[0];
  const model = { id, title, preprocess, licence, file, labels, ...(source !== undefined && { source }) };
  const description = await installModel(folder, model, options.sandbox);
  await Promise.all([labels, file].map((path) => rm(path, { force: true })));
  return description;
}

function mirrored(file: RemoteFile, mirror: string | null): RemoteFile {
  return mirror === null ? file : { ...file, addresses: [`${mirror.replace(/\/$/, '')}/${file.name}`] };
}

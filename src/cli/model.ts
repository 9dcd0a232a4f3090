import { basename } from 'node:path';
import type { Command } from 'commander';
import { loadSettings, type Settings } from '../app/settings.ts';
import { formatBytes } from '../core/byte-sizes.ts';
import { createProgressLines, forPeople } from './progress-lines.ts';
import { terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const help = `
Preprocessing, from values of 0 to 255:
  imagenet      mean and deviation of ImageNet (torchvision, most of the ONNX Model Zoo)
  efficientnet  (value - 127) / 128      symmetric  -1 to 1
  unit          0 to 1                   raw        0 to 255

A running server needs no restart: it uses what is installed when a job comes in.
`;

interface Place {
  readonly folder: string;
  readonly settings: Settings;
}

/** `coatcheck model`: lists, fetches, adds and removes the models of the service `classifications`. */
export function addModel(program: Command): void {
  const model = program.command('model').description('The models that pictures are classified with.').addHelpText('after', help);
  const verb = (name: string, description: string) =>
    model
      .command(name)
      .description(description)
      .option('--data <folder>', 'the data folder of the server (COATCHECK_DATA; default ./data)');
  verb('list', 'What is installed, and what can be pulled.')
    .option('--json', 'one JSON document on standard output')
    .action(async (options) => list(await placeOf(options), options.json === true));
  verb('pull <ID>', 'Download a model of the ONNX Model Zoo, check it and install it.')
    .option('--mirror <url>', 'an address where the files lie, under their names, instead of that of the zoo')
    .action(async (id: string, options) => pull(id, await placeOf(options), options.mirror ?? null));
  verb('add <FILE>', 'Check and install an ONNX model of your own.')
    .requiredOption('--labels <file>', 'its labels: one a line, or JSON')
    .option('--preprocess <name>', 'how it wants its pictures', 'imagenet')
    .option('--id <id>', 'its name; that of the file unless given')
    .option('--title <text>', 'its name for people')
    .action(async (file: string, options) => add(file, await placeOf(options), options));
  verb('remove <ID>', 'Remove an installed model.').action(async (id: string, options) => remove(id, await placeOf(options)));
}

async function placeOf({ data }: { data?: string }): Promise<Place> {
  const settings = loadSettings({ flags: data === undefined ? {} : { data }, env: process.env });
  const { modelsFolder } = await import('../app/services.ts');
  return { folder: modelsFolder(settings.data), settings };
}

async function list({ folder }: Place, json: boolean): Promise<void> {
  const { listModels } = await import('../app/models/list-models.ts');
  const { found, broken, available } = listModels(folder);
  if (json) {
    const told = {
      installed: found.map(({ id, labels, description }) => ({ id, labels, ...description })),
      broken,
      available: available.map(({ id, title, topOne, model }) => ({ id, title, bytes: model.bytes, topOne })),
    };
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const lines = [
    'Installed:',
    ...found.map(({ id, labels, description: { title, bytes } }) => row(id, bytes, `${title}; ${labels} labels`)),
    ...broken.map(({ id, problem }) => `  ${id.padEnd(idWidth)}  cannot be used: ${problem}`),
    '',
    'To be had with "coatcheck model pull ID":',
    ...available.map(({ id, title, topOne, model }) => row(id, model.bytes, `${title}; right on ${topOne} % of ImageNet`)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const idWidth = 26;

function row(id: string, bytes: number, rest: string): string {
  return `  ${id.padEnd(idWidth)}  ${formatBytes(bytes).padStart(7)}  ${rest}`;
}

async function pull(id: string, { folder, settings }: Place, mirror: string | null): Promise<void> {
  const { findEntry } = await import('../app/models/find-entry.ts');
  const { pullModel } = await import('../app/models/pull-model.ts');
  const entry = findEntry(id);
  if (mirror !== null && !/^https?:\/\//.test(mirror))
    throw new UsageError('--mirror needs an address that begins with http:// or https://.');
  const progress = createProgressLines(terminalOf(process.stderr, process.env), forPeople);
  const line = progress.line();
  try {
    const onProgress = (bytes: number, ofBytes: number) =>
      line.show(id, bytes / ofBytes, `${formatBytes(bytes)} of ${formatBytes(ofBytes)}`);
    await pullModel(entry, { folder, sandbox: settings.sandbox, mirror, onProgress });
  } finally {
    progress.clear();
  }
  tellInstalled(id);
}

interface AddOptions {
  readonly labels: string;
  readonly preprocess: string;
  readonly id?: string;
  readonly title?: string;
}

async function add(file: string, { folder, settings }: Place, options: AddOptions): Promise<void> {
  const { installModel } = await import('../app/models/install-model.ts');
  const id =
    options.id ??
    basename(file)
      .replace(/\.onnx$/i, '')
      .toLowerCase();
  const { labels, preprocess, title = id } = options;
  await installModel(folder, { id, title, file, labels, preprocess }, settings.sandbox);
  tellInstalled(id);
}

function tellInstalled(id: string): void {
  process.stdout.write(`The model ${id} is installed. A running server uses it from now on.\n`);
}

async function remove(id: string, { folder }: Place): Promise<void> {
  const { removeModel } = await import('../app/models/remove-model.ts');
  await removeModel(folder, id);
  process.stdout.write(`The model ${id} is removed. A running server refuses jobs for it from now on.\n`);
}

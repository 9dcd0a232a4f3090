/** Copies the sample files and the models of the services, and what older services show, to where their compiled code lies. */
import { cpSync, readdirSync } from 'node:fs';

const sources = new URL('../src/', import.meta.url);
const built = new URL('../dist/', import.meta.url);

const ofServices = readdirSync(new URL('services/', sources)).flatMap((name) =>
  readdirSync(new URL(`services/${name}/`, sources))
    .filter((folder) => folder === 'samples' || folder === 'models')
    .map((folder) => `services/${name}/${folder}/`),
);
const ofDropIns = ['ui/theme.css', 'dropin/classification/page.css', 'dropin/webocr/samples/'];

for (const path of [...ofServices, ...ofDropIns]) cpSync(new URL(path, sources), new URL(path, built), { recursive: true });

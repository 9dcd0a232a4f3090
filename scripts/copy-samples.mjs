/** Copies the sample files and the models of the services, and what drop-in pages load, to where their compiled code lies. */
import { cpSync, readdirSync } from 'node:fs';

const services = new URL('../src/services/', import.meta.url);
const built = new URL('../dist/services/', import.meta.url);

for (const name of readdirSync(services)) {
  const from = new URL(`${name}/`, services);
  for (const folder of ['samples', 'models']) {
    if (!readdirSync(from).includes(folder)) continue;
    cpSync(new URL(`${folder}/`, from), new URL(`${name}/${folder}/`, built), { recursive: true });
  }
}

const root = new URL('../', import.meta.url);
for (const file of ['ui/theme.css', 'dropin/classification/page.css'])
  cpSync(new URL(`src/${file}`, root), new URL(`dist/${file}`, root));

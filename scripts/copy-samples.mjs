/** Copies the sample files of the services to where their compiled code lies. */
import { cpSync, readdirSync } from 'node:fs';

const services = new URL('../src/services/', import.meta.url);
const built = new URL('../dist/services/', import.meta.url);

for (const name of readdirSync(services)) {
  const from = new URL(`${name}/`, services);
  if (readdirSync(from).includes('samples')) {
    cpSync(new URL('samples/', from), new URL(`${name}/samples/`, built), { recursive: true });
  }
}

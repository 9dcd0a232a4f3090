/** Our server as `coatcheck serve` wires it, with one service that does nothing in place of the installed ones. */
import { answering, childOptions } from '../support/answering.mjs';

const dist = new URL('../../dist/', import.meta.url);
const { startApp } = await import(new URL('app/app.js', dist));
const { loadSettings } = await import(new URL('app/settings.js', dist));
const { Type } = await import('typebox');

const { folder, workers } = childOptions();
const noop = {
  name: 'noop',
  title: 'No-op',
  summary: 'Does nothing.',
  version: '1',
  accepts: [],
  produces: [],
  contract: {
    options: Type.Object({}, { additionalProperties: false }),
    result: Type.Object({ startedNs: Type.String() }),
  },
  task: new URL('./noop-task.mjs', import.meta.url),
  limits: { timeMs: 10_000, memoryBytes: 1024 ** 3 },
};
const flags = { data: folder, port: '0', workers: String(workers) };
const app = await startApp(loadSettings({ flags, env: {} }), { services: [noop] });
process.on('SIGTERM', () => app.stop().then(() => process.exit(0)));
answering({ url: app.url });

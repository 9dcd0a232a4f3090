/** Our server as `coatcheck serve` wires it, with one service that does nothing in place of the installed ones. */
import { answering, childOptions } from '../support/answering.mjs';
import { noopService } from '../support/noop-service.mjs';

const dist = new URL('../../dist/', import.meta.url);
const { startApp } = await import(new URL('app/app.js', dist));
const { loadSettings } = await import(new URL('app/settings.js', dist));

const { folder, workers } = childOptions();
const flags = { data: folder, port: '0', workers: String(workers) };
const app = await startApp(loadSettings({ flags, env: {} }), { services: [noopService] });
process.on('SIGTERM', () => app.stop().then(() => process.exit(0)));
answering({ url: app.url });

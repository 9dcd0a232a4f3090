// The program as `coatcheck serve` runs it, but for its connections time passes faster: tests of slow clients need not wait for minutes.
import { startApp } from '../../dist/app/app.js';
import { serviceNames } from '../../dist/app/services.js';
import { loadSettings } from '../../dist/app/settings.js';
import { systemClock } from '../../dist/core/clock.js';
import { limits } from '../../dist/core/limits.js';

const [data, times] = process.argv.slice(2);
const haste = Number(times);
const startedAt = systemClock.now();
const clock = {
  now: () => startedAt + (systemClock.now() - startedAt) * haste,
  after: (delayMs, action) => systemClock.after(delayMs / haste, action),
};
const patience = {
  headersMs: Math.round(limits.headersMs / haste),
  keepAliveMs: Math.round(limits.keepAliveMs / haste),
  connectionCheckMs: Math.round(limits.connectionCheckMs / haste),
};
const flags = { data, port: '0', workers: '1', 'log-level': 'warn' };
const app = await startApp(loadSettings({ flags, env: {}, services: serviceNames }), { http: { clock, patience } });

/** Answers with its memory; `gc` collects the garbage before. */
process.on('message', (asked) => {
  if (asked === 'gc') globalThis.gc();
  process.send(process.memoryUsage());
});
process.send({ url: app.url });

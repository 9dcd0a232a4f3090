import { Type } from 'typebox';

/** A service that does nothing, in place of the installed ones; its task tells when it began. */
export const noopService = {
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
  task: new URL('../launch/noop-task.mjs', import.meta.url),
  limits: { timeMs: 10_000, memoryBytes: 1024 ** 3 },
};

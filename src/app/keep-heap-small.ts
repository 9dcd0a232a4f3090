import { setFlagsFromString } from 'node:v8';

/**
 * What is alive in a server is little (30 MB); by itself Node lets several times as much garbage gather before it looks, and buffers of
 * uploads, which count as nothing, gather with it. What this costs and saves stands in docs/decisions/0019-small-heap.md.
 */
const flags = [
  // Young objects are looked through after 4 MB instead of 13 (percent of the 16 MB of a semi-space), between turns of the event loop.
  '--minor-gc-task-trigger=25',
  // Old ones when they have grown by so many percent since they were last looked through, instead of by up to 300.
  '--heap-growing-percent=30',
];

/** For this process and its threads, from now on; to be called before much is allocated. */
export function keepHeapSmall(): void {
  for (const flag of flags) setFlagsFromString(flag);
}

import { describeWakeUp } from '../../ports/wake-up.suite.ts';
import { createMemoryWakeUp } from './wake-up.ts';

describeWakeUp('memory', async (onError) => createMemoryWakeUp({ onError }));

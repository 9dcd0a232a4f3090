import { describeJobStore } from '../../ports/job-store.suite.ts';
import { createMemoryJobStore } from './job-store.ts';

describeJobStore('memory', async (clock) => createMemoryJobStore({ clock }));

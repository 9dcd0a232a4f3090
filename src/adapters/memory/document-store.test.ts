import { describeDocumentStore } from '../../ports/document-store.suite.ts';
import { createMemoryJobStore } from './job-store.ts';

describeDocumentStore('memory', async (clock) => createMemoryJobStore({ clock }));

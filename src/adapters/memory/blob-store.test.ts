import { describeBlobStore } from '../../ports/blob-store.suite.ts';
import { createMemoryBlobStore } from './blob-store.ts';

describeBlobStore('memory', async (clock) => createMemoryBlobStore({ clock }));

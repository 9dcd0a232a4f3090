import { describeEventBus } from '../../ports/event-bus.suite.ts';
import { createMemoryEventBus } from './event-bus.ts';

describeEventBus('memory', async (onError) => createMemoryEventBus({ onError }));

import { describeEventStore } from '../testing/event-store-suite.ts';
import { createMemoryEventStore } from './memory-event-store.ts';

describeEventStore('event store in memory', async () => createMemoryEventStore());

import { describeReadingStore } from '@filrouge/ports/testing';
import { openPostgresStores } from '../testing/index.ts';

describeReadingStore('reading store on PostgreSQL', openPostgresStores);

import { describeAppendStore } from '@filrouge/ports/testing';
import { openPostgresStores } from '../testing/index.ts';

describeAppendStore('append store on PostgreSQL', openPostgresStores);

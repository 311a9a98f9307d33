import { describeAccessStore } from '@filrouge/ports/testing';
import { openPostgresStores } from '../testing/index.ts';

describeAccessStore('access store on PostgreSQL', openPostgresStores);

import { describeProjectionStore } from '@filrouge/ports/testing';
import { openPostgresStores } from '../testing/index.ts';

describeProjectionStore('projection store on PostgreSQL', openPostgresStores);

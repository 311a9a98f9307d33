import { describeVault } from '../testing/vault-suite.ts';
import { createMemoryVault } from './memory-vault.ts';

describeVault('memory vault', async () => createMemoryVault());

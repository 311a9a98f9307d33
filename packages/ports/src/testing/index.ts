export { describeVault } from './vault-suite.ts';

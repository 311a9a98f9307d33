export { type LegalBasis, type Purpose, type PurposeId, type PurposeScope, parsePurposeId } from './purpose.ts';

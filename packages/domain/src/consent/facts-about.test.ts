import { expect, test } from 'vitest';
import { factsAbout } from './facts-about.ts';
import { foldConsent } from './fold-consent.ts';
import type { PurposeId } from './purpose.ts';
import { at, fact } from './testing/fact-builder.ts';

const SHARING = 'partner_sharing' as PurposeId;
const all = fact('given', at('2026-01-01'), { purpose: SHARING });
const acme = fact('refused', at('2026-02-01'), { purpose: SHARING, vendor: 'acme' });
const other = fact('refused', at('2026-02-01'));
const history = [all, acme, other];

test('S5: a fact about all vendors decides on each; one about a vendor says nothing about all, nor about another', () => {
  expect(factsAbout(history, SHARING)).toEqual([all]);
  expect(factsAbout(history, SHARING, '*')).toEqual([all]);
  expect(factsAbout(history, SHARING, 'acme')).toEqual([all, acme]);
  expect(factsAbout(history, SHARING, 'bolt')).toEqual([all]);
});

test('S6: of a record that refuses all and gives one, both at one instant, the negative wins', () => {
  const no = fact('refused', at('2026-03-01'), { purpose: SHARING });
  const yes = fact('given', at('2026-03-01'), { purpose: SHARING, vendor: 'acme' });
  expect(foldConsent(factsAbout([no, yes], SHARING, 'acme'), { part: 'device' }).kind).toBe('refused');
});

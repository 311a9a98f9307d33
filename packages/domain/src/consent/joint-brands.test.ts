import { expect, test } from 'vitest';
import type { JointControllers, Notice } from '../deployment/deployment.ts';
import type { BrandId } from '../deployment/source.ts';
import { NAMESPACES, type Namespace } from '../identity/identifier.ts';
import type { ConsentSubmission } from './consent-submission.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import { judgeSubmission, type Witness } from './judge-submission.ts';
import type { PurposeId } from './purpose.ts';
import { at } from './testing/fact-builder.ts';

const [UN, DEUX, TROIS] = ['un', 'deux', 'trois'] as unknown as readonly [BrandId, BrandId, BrandId];
const notice = (said: Partial<Notice>): Notice => ({
  id: 'n',
  version: '1',
  brand: UN,
  purposes: ['email_marketing' as PurposeId],
  text: {},
  ...said,
});
const HOUSE: readonly JointControllers[] = [{ id: 'house', brands: [UN, DEUX, TROIS] }];
const SERVER: Witness = { kind: 'server', signed: false };

type Told = {
  readonly brands?: readonly BrandId[];
  readonly subject?: readonly Namespace[];
  readonly groups?: readonly JointControllers[];
  readonly notices?: readonly Notice[];
  readonly witness?: Witness;
};

function judge({ brands, subject = ['user_id'], groups = HOUSE, notices, witness = SERVER }: Told) {
  const submission: ConsentSubmission = {
    subject: subject.map((namespace) => ({ namespace, value: `a ${namespace}` })),
    brand: UN,
    ...(brands === undefined ? {} : { brands }),
    property: 'site' as ConsentSubmission['property'],
    decisions: [{ purpose: 'email_marketing' as PurposeId, vendor: '*', status: 'given' }],
    notice: { id: 'n', version: '1' },
    channel: 'web',
    indicatedAt: at('2026-11-21'),
    indicatedBy: { kind: 'subject' },
  };
  const judged = judgeSubmission(submission, witness, {
    purposes: new Map(DEFAULT_PURPOSES.map((purpose) => [purpose.id, purpose])),
    notices: notices ?? [notice({ brands: [DEUX] })],
    jointControllers: groups,
  });
  return judged.ok ? { shared: judged.value.shared } : { code: judged.refusal.code, pointer: judged.refusal.pointer };
}

test('S1 a record counts for the brands that it lists, its own and repeated names left aside', () => {
  expect(judge({})).toEqual({ shared: [] });
  expect(judge({ brands: [] })).toEqual({ shared: [] });
  expect(judge({ brands: [UN] })).toEqual({ shared: [] });
  const deux = { brand: DEUX, subject: [{ namespace: 'user_id', value: 'a user_id' }], standings: ['own'] };
  expect(judge({ brands: [DEUX, UN, DEUX] })).toEqual({ shared: [deux] });
});

test('S1 for no brand outside its group, whatever the notice says', () => {
  const notices = [notice({ brands: [DEUX, TROIS] })];
  const apart: readonly JointControllers[] = [
    { id: 'a', brands: [UN, TROIS] },
    { id: 'b', brands: [DEUX, 'quatre' as BrandId] },
  ];
  for (const groups of [[], apart]) {
    expect(judge({ brands: [UN, DEUX], groups, notices })).toEqual({ code: 'brand-not-joint', pointer: '/brands/1' });
  }
  expect(judge({ brands: ['nobody' as BrandId] })).toEqual({ code: 'brand-not-joint', pointer: '/brands/0' });
  expect(judge({ brands: [TROIS], groups: apart, notices })).toMatchObject({ shared: [{ brand: TROIS }] });
});

test('S1 for no brand that this version of this brand’s notice does not name', () => {
  const refused = { code: 'brand-not-in-notice', pointer: '/brands/0' };
  expect(judge({ brands: [TROIS] })).toEqual(refused);
  const others = [
    notice({}),
    notice({ version: '2', brands: [DEUX] }),
    notice({ id: 'm', brands: [DEUX] }),
    notice({ brand: DEUX, brands: [DEUX] }),
  ];
  expect(judge({ brands: [DEUX], notices: others })).toEqual(refused);
});

test('S1 by user id and e-mail address alone: everything else is the brand’s own', () => {
  for (const namespace of NAMESPACES) {
    const isShared = namespace === 'user_id' || namespace === 'email';
    const expected = isShared
      ? { shared: [{ subject: [{ namespace }] }] }
      : { code: 'no-shared-subject', pointer: '/subject' };
    expect(judge({ brands: [DEUX], subject: [namespace] })).toMatchObject(expected);
    expect(judge({ subject: [namespace] })).toEqual({ shared: [] });
  }
  const { shared } = judge({ brands: [DEUX], subject: [...NAMESPACES] });
  expect(shared?.[0]?.subject.map(({ namespace }) => namespace).sort()).toEqual(['email', 'user_id']);
});

test('S6 S11 who may not speak for an address in one brand may not in another', () => {
  const subject = ['user_id', 'email', 'anonymous_id'] as const;
  const standings = (witness: Witness) => judge({ brands: [DEUX], subject, witness }).shared?.[0]?.standings;
  expect(standings({ kind: 'web', signed: false })).toEqual(['named', 'named']);
  expect(standings(SERVER)).toEqual(['own', 'own']);
});

import { describe, expect, test } from 'vitest';
import type { Notice } from '../deployment/deployment.ts';
import { NAMESPACES, type Namespace } from '../identity/identifier.ts';
import { CONSENT_CHANNELS, type ConsentChannel, FACT_STATUSES, type FactStatus } from './consent-fact.ts';
import type { ConsentSubmission, DecisionBasis, SubmittedDecision } from './consent-submission.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import { GLOBAL_PRIVACY_CONTROL_NOTICE, globalPrivacyControlDecisions } from './global-privacy-control.ts';
import { IMPORTED_WITH_TEXT, IMPORTED_WITHOUT_NOTICE } from './imported-notice.ts';
import { judgeSubmission, type Witness } from './judge-submission.ts';
import type { LegalBasis, PurposeId } from './purpose.ts';
import { at } from './testing/fact-builder.ts';

const notice = { id: 'banner', version: '3', brand: 'maison' } as Pick<Notice, 'id' | 'version' | 'brand'>;
const known = {
  purposes: new Map(DEFAULT_PURPOSES.map((purpose) => [purpose.id, purpose])),
  notices: [{ ...notice, purposes: DEFAULT_PURPOSES.map(({ id }) => id), text: {} }],
  jointControllers: [],
};

function decision(id: string, status: FactStatus = 'given', told: Partial<SubmittedDecision> = {}): SubmittedDecision {
  return { purpose: id as PurposeId, vendor: '*', status, ...told };
}

function submission(told: Partial<ConsentSubmission> = {}): ConsentSubmission {
  return {
    subject: [{ namespace: 'anonymous_id', value: 'a-1' }],
    brand: notice.brand,
    property: 'site' as ConsentSubmission['property'],
    decisions: [decision('audience_measurement')],
    notice: { id: notice.id, version: notice.version },
    channel: 'web',
    indicatedAt: at('2026-11-21'),
    indicatedBy: { kind: 'subject' },
    ...told,
  };
}

function refusalOf(told: Partial<ConsentSubmission>, witness: Witness = { kind: 'token', signed: false }) {
  const judged = judgeSubmission(submission(told), witness, known);
  return judged.ok ? undefined : { code: judged.refusal.code, pointer: judged.refusal.pointer };
}

type WitnessName =
  | 'web'
  | 'app'
  | 'store'
  | 'signed store'
  | 'server'
  | 'token'
  | 'import with proof'
  | 'import without proof';
const WITNESSES: Record<WitnessName, Witness> = {
  web: { kind: 'web', signed: true },
  app: { kind: 'app', signed: true },
  store: { kind: 'store', signed: false },
  'signed store': { kind: 'store', signed: true },
  server: { kind: 'server', signed: false },
  token: { kind: 'token', signed: false },
  'import with proof': { kind: 'token', signed: false, imported: { proof: true } },
  'import without proof': { kind: 'server', signed: true, imported: { proof: false } },
};

const STORE: readonly ConsentChannel[] = ['store', 'paper', 'phone'];
type Trust = {
  readonly clock: 'trusted' | 'untrusted';
  readonly verified: boolean;
  /** Namespaces it may speak for. */
  readonly own: 'all' | 'device' | 'none';
  readonly channels: readonly ConsentChannel[];
};

/** Who is believed, about whom, on which channel (S6, S11, invariant 11). */
const TRUST: Record<WitnessName, Trust> = {
  web: { clock: 'untrusted', verified: false, own: 'device', channels: ['web'] },
  app: { clock: 'untrusted', verified: false, own: 'device', channels: ['app', 'tv'] },
  store: { clock: 'untrusted', verified: false, own: 'all', channels: STORE },
  'signed store': { clock: 'trusted', verified: true, own: 'all', channels: [...STORE, 'field'] },
  server: { clock: 'trusted', verified: true, own: 'all', channels: CONSENT_CHANNELS },
  token: { clock: 'trusted', verified: true, own: 'all', channels: CONSENT_CHANNELS },
  'import with proof': { clock: 'trusted', verified: false, own: 'all', channels: CONSENT_CHANNELS },
  'import without proof': { clock: 'untrusted', verified: false, own: 'none', channels: CONSENT_CHANNELS },
};

const DEVICE: readonly Namespace[] = ['anonymous_id', 'device_id', 'push_token'];

describe('who is believed', () => {
  for (const [name, trust] of Object.entries(TRUST) as [WitnessName, Trust][]) {
    test(`${name}: ${trust.clock} clock, ${trust.verified ? '' : 'not '}verified, own: ${trust.own}`, () => {
      const subject = NAMESPACES.map((namespace) => ({ namespace, value: 'x' }));
      const channel = trust.channels[0] as ConsentChannel;
      const judged = judgeSubmission(submission({ subject, channel }), WITNESSES[name], known);
      const isOwn = (namespace: Namespace) =>
        trust.own === 'all' || (trust.own === 'device' && DEVICE.includes(namespace));
      expect(judged).toEqual({
        ok: true,
        value: {
          decisions: submission({}).decisions,
          left: [],
          clock: trust.clock,
          verified: trust.verified,
          own: {
            brand: notice.brand,
            subject,
            standings: NAMESPACES.map((namespace) => (isOwn(namespace) ? 'own' : 'named')),
          },
          shared: [],
        },
      });
    });

    test(`${name} records ${trust.channels.join(', ')}; a forged channel is refused (invariant 11)`, () => {
      for (const channel of CONSENT_CHANNELS) {
        const expected = trust.channels.includes(channel)
          ? undefined
          : { code: 'channel-not-allowed', pointer: '/channel' };
        expect(refusalOf({ channel }, WITNESSES[name])).toEqual(expected);
      }
    });
  }
});

describe('S11 with an identity token', () => {
  const user = { namespace: 'user_id', value: 'ada' } as const;
  const subject = [
    user,
    { namespace: 'email', value: 'ada@example.com' },
    { namespace: 'anonymous_id', value: 'a' },
  ] as const;
  const judged = (covers: readonly (typeof subject)[number][], witness: Witness, channel: ConsentChannel = 'web') => {
    const said = submission({ subject, channel, proof: { by: 'oidc', covers } });
    const result = judgeSubmission(said, witness, known);
    return result.ok ? result.value : result.refusal.code;
  };

  test('a public key speaks for what the token covers, verified; its clock is not believed for it', () => {
    expect(judged([user], WITNESSES.web)).toMatchObject({
      clock: 'untrusted',
      verified: true,
      own: { standings: ['own', 'named', 'own'] },
    });
    expect(judged([user, subject[1]], WITNESSES.app, 'app')).toMatchObject({
      own: { standings: ['own', 'own', 'own'] },
    });
  });

  test('a token that covers none of the subject changes nothing', () => {
    expect(judged([], WITNESSES.web)).toMatchObject({ verified: false, own: { standings: ['named', 'named', 'own'] } });
  });

  test('a row of a file is not lifted by it, and no key gains a channel', () => {
    expect(judged([user], WITNESSES['import without proof'])).toMatchObject({ verified: false, clock: 'untrusted' });
    expect(judged([user], WITNESSES['import with proof'])).toMatchObject({ verified: false });
    expect(judged([user], WITNESSES.web, 'store')).toBe('channel-not-allowed');
  });
});

/** Which statuses say something on a purpose of each basis; `marketing` by consent can be objected to (GDPR 21(2)). */
const STATUSES: Record<LegalBasis | 'marketing', Record<FactStatus, string | undefined>> = {
  consent: { given: undefined, refused: undefined, withdrawn: undefined, objected: 'objection-not-possible' },
  marketing: { given: undefined, refused: undefined, withdrawn: undefined, objected: undefined },
  contract: { given: undefined, refused: undefined, withdrawn: undefined, objected: 'objection-not-possible' },
  'legal-obligation': {
    given: undefined,
    refused: undefined,
    withdrawn: undefined,
    objected: 'objection-not-possible',
  },
  'legitimate-interest': {
    given: undefined,
    refused: 'objection-expected',
    withdrawn: 'objection-expected',
    objected: undefined,
  },
};
const PURPOSES_OF: Record<LegalBasis | 'marketing', readonly string[]> = {
  consent: ['audience_measurement', 'partner_sharing', 'email_open_tracking'],
  marketing: ['email_marketing', 'profiling', 'advertising'],
  contract: ['order_fulfilment'],
  'legal-obligation': ['product_safety'],
  'legitimate-interest': ['postal_marketing', 'security', 'customer_service'],
};

for (const [basis, statuses] of Object.entries(STATUSES) as [
  LegalBasis | 'marketing',
  Record<FactStatus, string | undefined>,
][]) {
  for (const status of FACT_STATUSES) {
    test(`${status} on ${basis}: ${statuses[status] ?? 'recorded'}`, () => {
      for (const id of PURPOSES_OF[basis]) {
        const code = statuses[status];
        const expected = code === undefined ? undefined : { code, pointer: '/decisions/1/status' };
        expect(refusalOf({ decisions: [decision('personalisation'), decision(id, status)] })).toEqual(expected);
      }
    });
  }
}

/** The only purposes a basis beside consent exists for (R16, R17). */
const STAND_INS: Record<DecisionBasis, readonly string[]> = {
  consent: DEFAULT_PURPOSES.map(({ id }) => id),
  'soft-opt-in': ['email_marketing', 'sms_marketing'],
  'current-contract': ['phone_marketing'],
  'legitimate-interest': ['security', 'postal_marketing', 'customer_service'],
};

for (const [basis, ids] of Object.entries(STAND_INS) as [DecisionBasis, readonly string[]][]) {
  test(`R16, R17: the basis ${basis} and its reference`, () => {
    const needsReference = basis === 'soft-opt-in' || basis === 'current-contract';
    const impossible = { code: 'basis-not-possible', pointer: '/decisions/0/basis' };
    const missing = { code: 'reference-missing', pointer: '/decisions/0/reference' };
    const without = needsReference ? missing : undefined;
    for (const { id } of DEFAULT_PURPOSES) {
      const fits = ids.includes(id);
      const told = (extra: Partial<SubmittedDecision>) =>
        refusalOf({ decisions: [decision(id, 'given', { basis, ...extra })] });
      expect(told({ reference: 'C-1' })).toEqual(fits ? undefined : impossible);
      expect(told({})).toEqual(fits ? without : impossible);
      expect(told({ reference: '' })).toEqual(fits ? without : impossible);
    }
  });
}

describe('a consent is informed: a yes counts for what its notice names (R5, R8)', () => {
  const banner: Notice = { ...notice, purposes: ['audience_measurement' as PurposeId], text: {} };
  const others: readonly Notice[] = [
    { ...banner, version: '4', purposes: ['profiling' as PurposeId] },
    { ...banner, id: 'card', purposes: ['profiling' as PurposeId] },
    { ...banner, brand: 'other' as Notice['brand'], purposes: ['profiling' as PurposeId] },
  ];
  const judged = (
    told: Partial<ConsentSubmission>,
    witness: Witness = WITNESSES.token,
    notices = [...others, banner],
  ) => judgeSubmission(submission(told), witness, { ...known, notices });
  const codeOf = (...asked: Parameters<typeof judged>) => {
    const result = judged(...asked);
    return result.ok ? 'recorded' : result.refusal.code;
  };
  const yes = { decisions: [decision('audience_measurement'), decision('profiling')] };

  test('whoever brings it, another version, notice or brand names nothing for this one', () => {
    for (const [name, trust] of Object.entries(TRUST) as [WitnessName, Trust][]) {
      const channel = trust.channels[0] as ConsentChannel;
      expect([name, codeOf({ ...yes, channel }, WITNESSES[name])]).toEqual([name, 'purpose-not-in-notice']);
    }
    const message = expect.stringMatching(/banner in version 3 names audience_measurement, not profiling.*new version/);
    expect(judged(yes)).toMatchObject({ refusal: { pointer: '/decisions/1/purpose', message } });
    const silent = judged(yes, WITNESSES.token, [{ ...banner, purposes: [] }]);
    expect(silent).toMatchObject({ refusal: { pointer: '/decisions/0/purpose' } });
  });

  test('a no is taken whatever the notice names', () => {
    for (const status of FACT_STATUSES.filter((one) => one !== 'given')) {
      expect(codeOf({ decisions: [decision('profiling', status)] })).toBe('recorded');
    }
  });

  test('also a yes to what does not rest on consent, since it lifts an objection', () => {
    expect(codeOf({ decisions: [decision('postal_marketing')] })).toBe('purpose-not-in-notice');
    const basis = 'legitimate-interest';
    expect(codeOf({ decisions: [decision('postal_marketing', 'given', { basis })] })).toBe('purpose-not-in-notice');
  });

  test('R16, R17: what stands in for consent rests on its reference, not on the text', () => {
    const sale = decision('email_marketing', 'given', { basis: 'soft-opt-in', reference: 'O-1' });
    const contract = decision('phone_marketing', 'given', { basis: 'current-contract', reference: 'C-1' });
    expect(codeOf({ decisions: [sale, contract] })).toBe('recorded');
  });

  test('a row of a file with the text itself, or with none, has no purposes of the configuration', () => {
    for (const one of [IMPORTED_WITH_TEXT, IMPORTED_WITHOUT_NOTICE]) {
      expect(codeOf({ ...yes, notice: one }, WITNESSES['import with proof'])).toBe('recorded');
    }
  });

  test('R39: a standing signal says no, also where its own notice is configured', () => {
    const signal = { ...banner, ...GLOBAL_PRIVACY_CONTROL_NOTICE, purposes: ['advertising' as PurposeId] };
    const told = { notice: GLOBAL_PRIVACY_CONTROL_NOTICE, decisions: [decision('advertising')] };
    expect(codeOf(told, WITNESSES.server, [signal])).toBe('unknown-notice');
  });
});

describe('what is refused, and where', () => {
  test('a purpose that is not configured, with its pointer (invariant 6)', () => {
    const decisions = [decision('profiling'), decision('telepathy')];
    expect(refusalOf({ decisions })).toEqual({ code: 'unknown-purpose', pointer: '/decisions/1/purpose' });
  });

  test('a purpose decided twice for one vendor; for two vendors it is two decisions', () => {
    const twice = [decision('profiling'), decision('profiling')];
    expect(refusalOf({ decisions: twice })).toEqual({ code: 'repeated-decision', pointer: '/decisions/1' });
    const vendors = [decision('partner_sharing'), decision('partner_sharing', 'refused', { vendor: 'acme' })];
    expect(refusalOf({ decisions: vendors })).toBeUndefined();
  });

  describe('a no is never lost to the fault of another decision (GDPR 7(3))', () => {
    const no = decision('profiling', 'withdrawn');
    const of = (...decisions: readonly SubmittedDecision[]) => {
      const judged = judgeSubmission(submission({ decisions }), WITNESSES.web, known);
      if (!judged.ok) return judged.refusal.code;
      return [judged.value.decisions, judged.value.left.map(({ code, pointer }) => `${code} ${pointer}`)];
    };

    test('beside a purpose that is not configured, a basis that does not exist, a no that has no effect', () => {
      expect(of(decision('telepathy'), no)).toEqual([[no], ['unknown-purpose /decisions/0/purpose']]);
      const basis = decision('email_marketing', 'given', { basis: 'current-contract' });
      expect(of(no, basis)).toEqual([[no], ['basis-not-possible /decisions/1/basis']]);
      const void_ = decision('security', 'refused');
      expect(of(no, void_)).toEqual([[no], ['objection-expected /decisions/1/status']]);
      expect(of(decision('audience_measurement'), void_)).toBe('objection-expected');
    });

    test('what else can stand is recorded with it', () => {
      const yes = decision('audience_measurement');
      expect(of(yes, decision('telepathy'), no)).toEqual([[yes, no], ['unknown-purpose /decisions/1/purpose']]);
    });

    test('R1: of a yes and a no to one purpose in one record the no stands, whichever comes first', () => {
      const yes = decision('profiling');
      expect(of(yes, no)).toEqual([[no], ['repeated-decision /decisions/0']]);
      expect(of(no, yes)).toEqual([[no], ['repeated-decision /decisions/1']]);
    });

    test('without a no that can stand, nothing is recorded', () => {
      expect(of(decision('audience_measurement'), decision('telepathy', 'refused'))).toBe('unknown-purpose');
    });
  });

  test('a subject without identifier, and a submission without decision', () => {
    expect(refusalOf({ subject: [] })).toEqual({ code: 'no-subject', pointer: '/subject' });
    expect(refusalOf({ decisions: [] })).toEqual({ code: 'no-decision', pointer: '/decisions' });
  });

  test('a notice that is not the brand’s in that version: what the person saw could not be shown again (invariant 14)', () => {
    const unknown = { code: 'unknown-notice', pointer: '/notice' };
    expect(refusalOf({ notice: { id: 'banner', version: '2' } })).toEqual(unknown);
    expect(refusalOf({ notice: { id: 'other', version: '3' } })).toEqual(unknown);
    expect(refusalOf({ brand: 'other' as ConsentSubmission['brand'] })).toEqual(unknown);
  });

  test('a standing signal needs no text, and can only say no (S7, R39)', () => {
    const signal = GLOBAL_PRIVACY_CONTROL_NOTICE;
    expect(refusalOf({ notice: signal, decisions: globalPrivacyControlDecisions() })).toBeUndefined();
    const yes = [...globalPrivacyControlDecisions(), decision('profiling', 'given')];
    expect(refusalOf({ notice: signal, decisions: yes })).toEqual({ code: 'unknown-notice', pointer: '/notice' });
    const other = { ...signal, version: '2' };
    expect(refusalOf({ notice: other, decisions: globalPrivacyControlDecisions() })?.code).toBe('unknown-notice');
  });

  test('a refusal says what may be done instead', () => {
    const judged = judgeSubmission(submission({ channel: 'store' }), WITNESSES.web, known);
    expect(judged).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('records decisions of channel web') },
    });
    const unsigned = judgeSubmission(submission({ channel: 'field' }), WITNESSES.store, known);
    expect(unsigned).toMatchObject({ refusal: { message: expect.stringContaining('without a signature') } });
  });
});

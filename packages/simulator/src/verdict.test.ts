import { describe, expect, test } from 'vitest';
import type { Decision, DecisionStatus } from './decision.ts';
import { judgeTerminal, stateOf, type Verdict } from './verdict.ts';

const day = (text: string) => Date.parse(`2026-${text}${text.includes('T') ? '' : 'T12:00:00'}Z`);

type Said = readonly [status: DecisionStatus, indicated: string, arrived?: string, role?: Decision['role']];

function saying(said: readonly Said[]): Decision[] {
  return said.map(([status, indicated, arrived = indicated, role = 'web'], i) => ({
    indicatedAt: day(indicated),
    arrivedAt: day(arrived),
    statuses: { audience_measurement: status },
    role,
    channel: 'web',
    notice: 'device',
    ...(role === 'web' || role === 'app' ? { sequence: i + 1 } : {}),
  }));
}

/** The verdict on an item of time t, received at r. */
function verdict(device: readonly Said[], t: string, r = t): Verdict {
  return judgeTerminal({ device: saying(device), receiving: { mode: 'lived', receivedAt: day(r) } })(day(t));
}

const CASES: readonly (readonly [
  name: string,
  device: readonly Said[],
  t: string,
  r: string | undefined,
  expected: Verdict,
])[] = [
  ['S17 example 1: given, then a page', [['given', '01-10']], '02-01', undefined, 'kept'],
  ['S17 example 2: no renewal', [['given', '01-10']], '08-01', undefined, 'expired'],
  [
    'S17 example 3: given, withdrawn',
    [
      ['given', '01-10'],
      ['withdrawn', '04-01'],
    ],
    '04-02',
    undefined,
    'withdrawn',
  ],
  ['S17 example 4: page before accept', [['given', '03-01T10:00:20']], '03-01T10:00:00', '03-01T10:00:21', 'kept'],
  [
    'S9: an hour before is too early',
    [['given', '03-01T11:00:20']],
    '03-01T10:00:00',
    '03-01T11:00:21',
    'consent-later',
  ],
  ['S3: what arrives before the choice', [['given', '03-01T10:00:20']], '03-01T10:00:00', '03-01T10:00:05', 'unknown'],
  [
    'S17 example 6: offline app',
    [
      ['given', '06-01', '06-06', 'app'],
      ['withdrawn', '06-05', '06-06', 'app'],
    ],
    '06-03',
    '06-06',
    'withdrawn',
  ],
  [
    'S6: a public key dates a given back too far',
    [['given', '05-01', '05-12', 'app']],
    '05-13',
    undefined,
    'requested',
  ],
  ['S6: a server may', [['given', '05-01', '05-12', 'server']], '05-13', undefined, 'kept'],
  [
    'S7: a renewal keeps the run',
    [
      ['given', '01-10'],
      ['given', '07-01'],
    ],
    '06-30',
    '07-02',
    'kept',
  ],
  [
    'S7: after a no the run begins anew',
    [
      ['given', '01-10'],
      ['withdrawn', '04-01'],
      ['given', '06-01'],
    ],
    '03-01',
    '06-02',
    'consent-later',
  ],
  ['nothing said', [], '03-01', undefined, 'unknown'],
];

describe('the verdict expected of the door', () => {
  test.each(CASES)('%s', (_name, device, t, r, expected) => {
    expect(verdict(device, t, r ?? t)).toBe(expected);
  });

  test('S8: a person who agreed, on a terminal that did not: depends', () => {
    const person: Decision[] = [
      {
        indicatedAt: 0,
        arrivedAt: 0,
        statuses: { profiling: 'given' },
        role: 'server',
        channel: 'web',
        notice: 'account',
      },
    ];
    const receiving = { mode: 'lived', receivedAt: day('03-01') } as const;
    expect(judgeTerminal({ device: saying([['refused', '02-01']]), person, receiving })(day('03-01'))).toBe('depends');
  });

  test('S6: at one instant the negative wins', () => {
    const both = saying([
      ['given', '02-01', '02-01', 'server'],
      ['withdrawn', '02-01', '02-01', 'server'],
    ]);
    const receiving = { mode: 'lived', receivedAt: day('03-01') } as const;
    expect(stateOf(both, 'audience_measurement', 'person', receiving).standing).toBe('withdrawn');
    expect(stateOf([...both].reverse(), 'audience_measurement', 'person', receiving).standing).toBe('withdrawn');
  });

  test('a backfill knows every decision, whenever it arrived', () => {
    const device = saying([['given', '05-01', '05-12', 'app']]);
    const receiving = { mode: 'backfill', receivedAt: day('06-01') } as const;
    expect(judgeTerminal({ device, receiving })(day('05-02'))).toBe('kept');
  });
});

import { describe, expect, test } from 'vitest';
import type { ConsentFact } from './consent-fact.ts';
import { type DeviceStay, withStays } from './device-stay.ts';
import { personState } from './subject-state.ts';
import { at, BY_SERVER, fact } from './testing/fact-builder.ts';

const LOGIN = at('2026-03-02');
const IN_SESSION = at('2026-03-03');
const AFTERWARDS = at('2026-03-04');

function stay(said: Partial<DeviceStay>, ...facts: readonly (readonly [ConsentFact, 'in' | 'out'])[]): DeviceStay {
  const told = facts.map(([one, where]) => ({ fact: one, signedIn: where === 'in' }));
  return { verified: true, linkedAt: LOGIN, facts: told, ...said };
}

function person(own: readonly ConsentFact[], ...stays: readonly DeviceStay[]): string {
  return personState(withStays({ own, neighbours: [] }, stays)).kind;
}

describe('S8 S11 what a device says for a person who was seen on it', () => {
  const yes = fact('given', IN_SESSION);
  const no = fact('refused', IN_SESSION);
  const said = (status: 'given' | 'refused', day: string): ConsentFact => fact(status, at(day), BY_SERVER);

  test('example 10 goes on: what U decides on the laptop while signed in there is U’s, if the link is verified', () => {
    const refused = said('refused', '2026-01-05');
    expect(person([refused], stay({}, [fact('given', at('2026-03-01')), 'out']))).toBe('refused');
    expect(person([refused], stay({}, [yes, 'in']))).toBe('given');
    expect(person([refused], stay({ verified: false }, [yes, 'in']))).toBe('refused');
    expect(person([], stay({ verified: false }, [yes, 'in']))).toBe('unknown');
  });

  test('a no said while signed in reaches the person through any link, over a yes of its own', () => {
    const given = said('given', '2026-01-05');
    for (const verified of [true, false]) {
      expect(person([given], stay({ verified }, [no, 'in'])), `verified: ${verified}`).toBe('refused');
      expect(person([given], stay({ verified }, [no, 'out'])), `verified: ${verified}`).toBe('given');
    }
  });

  test('the person takes it back: anywhere where it was proven, else on that device', () => {
    const later = said('given', '2026-03-04');
    expect(person([later], stay({}, [no, 'in']))).toBe('given');
    expect(person([later], stay({ verified: false }, [no, 'in']))).toBe('refused');
    const there = fact('given', AFTERWARDS);
    expect(person([later], stay({ verified: false }, [no, 'in'], [there, 'in']))).toBe('given');
    expect(person([later], stay({ verified: false }, [no, 'in'], [there, 'out']))).toBe('refused');
  });

  test('a no from before the proof, and a yes after it in the same session, are one side’s last word', () => {
    const early = fact('refused', at('2026-03-01'));
    const stated = stay({}, [early, 'in']);
    expect(person([said('given', '2026-03-03')], stated)).toBe('refused');
    expect(
      person([said('given', '2026-03-03')], { ...stated, facts: [...stated.facts, { fact: yes, signedIn: true }] }),
    ).toBe('given');
  });

  test('a record that names both is the person’s own; it does not stand beyond a link as well', () => {
    const both = fact('refused', IN_SESSION, BY_SERVER);
    const later = said('given', '2026-03-04');
    expect(person([both, later], stay({ verified: false }, [both, 'in']))).toBe('given');
    const other = fact('refused', IN_SESSION, { purpose: 'profiling' as ConsentFact['purpose'] });
    const { neighbours } = withStays({ own: [both], neighbours: [] }, [
      stay({ verified: false }, [both, 'in'], [other, 'in']),
    ]);
    expect(neighbours).toEqual([[other]]);
  });

  test('S7: a browser’s standing signal stays that device’s, under a login, before it, and whatever the link', () => {
    const given = said('given', '2026-01-05');
    const signal = { ...no, signal: true } as const;
    const before = fact('refused', at('2026-03-01'), { signal: true });
    for (const verified of [true, false]) {
      const around = stay({ verified }, [signal, 'in'], [before, 'out'], [before, 'in']);
      expect(person([given], around), `verified: ${verified}`).toBe('given');
      expect(person([], around), `verified: ${verified}`).toBe('unknown');
    }
  });

  test('an objection is lifted on no device that does not prove who speaks (S7)', () => {
    expect(person([said('given', '2026-01-01'), { ...no, status: 'objected' }], stay({}, [yes, 'in']))).toBe(
      'objected',
    );
  });
});

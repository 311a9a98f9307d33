import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { ConsentFact } from '@filrouge/domain/consent';
import type { AppendStore, Subject } from '@filrouge/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AM, DEPLOYMENT, PRO, SERVER, STAMPED, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, submission } from '../testing/told-items.ts';
import { commitGroup } from './commit-group.ts';
import type { DoorMemory } from './door-deps.ts';
import { hashSubmission } from './hashed-item.ts';
import { SubjectBook } from './subject-book.ts';
import type { Submission } from './submission.ts';

const NOON = at('2026-11-20T12:00:00');
const NAMES = ['user_id:u', 'user_id:v', 'loyalty_card:c', 'email:e@example.com', 'anonymous_id:a', 'anonymous_id:b'];

const aStep = fc.record({
  what: fc.constantFrom('decide', 'decide', 'decide', 'item', 'both', 'project', 'erase'),
  source: fc.constantFrom(WEB, SERVER, TILL, STAMPED),
  who: fc.subarray(NAMES, { minLength: 1, maxLength: 3 }),
  others: fc.subarray(NAMES, { minLength: 1, maxLength: 2 }),
  status: fc.constantFrom('given' as const, 'refused' as const, 'withdrawn' as const, 'objected' as const),
  days: fc.constantFrom(0, 0, 1, 9),
  sequence: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  gpc: fc.boolean(),
});
type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

/** A door whose book can be looked into. */
function openBook(world: PipelineWorld, store: AppendStore = world.store) {
  let ids = 0;
  const memory: DoorMemory = {
    book: new SubjectBook(),
    known: { journalPosition: -1, ledgerPosition: -1, identityVersion: -1 },
    settled: Promise.resolve(),
  };
  const deps = {
    store,
    vault: world.vault,
    deployment: DEPLOYMENT,
    newId: () => {
      ids += 1;
      return `00000000-0000-4000-8000-${ids.toString(16).padStart(12, '0')}`;
    },
    isEngineFault: () => false,
  };
  const commit = (...told: readonly Submission[]) =>
    commitGroup(
      deps,
      memory,
      told.map((one) => hashSubmission(world.vault, one)),
    );
  return { memory, commit };
}

function toldIn({ what, source, who, others, status, days, sequence, gpc }: Step, n: number, now: Instant): Submission {
  const said = (names: readonly string[]) =>
    consent(source, names, status, [AM, PRO], {
      at: (now - days * DAY_MS) as Instant,
      channel: source === TILL ? 'store' : 'web',
      ...(sequence === undefined ? {} : { sequence }),
    });
  return submission(source, now, {
    items: what === 'decide' ? [] : [item('identify', who, { messageId: `m${n}`, t: now })],
    consents: what === 'item' ? [] : [said(who), said(others)],
    globalPrivacyControl: gpc,
  });
}

function inOrder(facts: readonly ConsentFact[]): readonly ConsentFact[] {
  return [...facts].sort((a, b) => a.position - b.position || (a.standing < b.standing ? -1 : 1));
}

/** Lists of facts have no order, and that a subject rests on itself goes without saying. */
function comparable(subject: Subject) {
  const text = (facts: readonly ConsentFact[]): string => JSON.stringify(inOrder(facts));
  return {
    ...subject,
    self: inOrder(subject.self),
    own: inOrder(subject.own),
    neighbours: subject.neighbours.map(inOrder).sort((a, b) => (text(a) < text(b) ? -1 : 1)),
    devices: subject.devices
      .map((device) => ({ ...device, facts: inOrder(device.facts) }))
      .sort((a, b) => (text(a.facts) < text(b.facts) ? -1 : 1)),
    dependsOn: subject.dependsOn.filter((other) => other !== subject.node).sort(),
  };
}

function expectSame(known: readonly Subject[], read: readonly Subject[]): void {
  expect(known.map(comparable)).toEqual(read.map(comparable));
}

test('S6 S7 whatever was decided, in whatever order, the door knows of a subject what the engine would answer', async () => {
  let learned = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 2, maxLength: 9 }), async (steps) => {
      const world = new PipelineWorld();
      const { memory, commit } = openBook(world);
      const nodes = NAMES.map((name) => world.id(name));
      for (const [n, step] of steps.entries()) {
        world.now = (NOON + n * 1_000) as Instant;
        if (step.what === 'project') await world.projector.drain();
        else if (step.what === 'erase')
          await world.entomb(step.who[0] as string, (world.now + step.days * 500) as Instant);
        else {
          const before = new Set(nodes.filter((node) => (memory.book.get(node)?.subject.self.length ?? 0) > 0));
          await commit(toldIn(step, n, world.now));
          const known = nodes.flatMap((node) => memory.book.get(node)?.subject ?? []);
          const read = await world.reading.subjects(known.map(({ node }) => node));
          expectSame(known, read);
          learned += known.filter(({ node }) => before.has(node)).length;
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(learned, 'some of them took a decision in').toBeGreaterThan(100);
});

test('G18: who decides without end is read once, and each no is recorded', async () => {
  const world = new PipelineWorld();
  let asked = 0;
  const store: AppendStore = {
    ...world.store,
    append: (work, claims) =>
      world.store.append(
        (transaction) =>
          work({
            ...transaction,
            subjects: (nodes) => {
              asked += nodes.length;
              return transaction.subjects(nodes);
            },
          }),
        claims,
      ),
  };
  const { memory, commit } = openBook(world, store);
  for (let n = 0; n < 100; n += 1) {
    world.now = (NOON + n * 1_000) as Instant;
    const said = consent(SERVER, ['user_id:u'], n % 2 === 0 ? 'withdrawn' : 'given', [PRO], { at: world.now });
    const [outcome] = await commit(submission(SERVER, world.now, { consents: [said] }));
    expect(outcome?.consents[0]).toMatchObject({
      kind: 'recorded',
      decisions: [{ effective: n % 2 === 0 ? 'withdrawn' : 'given' }],
    });
  }
  expect(asked).toBe(1);
  expect(memory.known.ledgerPosition).toBe(100);
});

import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { IncomingItem } from '@filrouge/domain/event';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { incomingFrom, openQuarantined, releaseOf } from '../quarantine/release-entry.ts';
import { AD, AM, KIOSK, PRO, SERVER, STAMPED, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, submission, ticket } from '../testing/told-items.ts';
import type { ItemOutcome, SubmissionOutcome } from './submission.ts';

const NOON = at('2026-11-20T12:00:00');

const who = fc.subarray(['user_id:u', 'loyalty_card:c', 'email:e@example.com', 'anonymous_id:a', 'device_id:d']);
const anItem: fc.Arbitrary<IncomingItem> = fc
  .record({
    who,
    kind: fc.constantFrom('page', 'track', 'customer', 'ticket', 'mail', 'call'),
    id: fc.nat(12),
    body: fc.nat(1),
    days: fc.constantFrom(0, 0, 0, 1, 30, 500),
    bot: fc.boolean(),
  })
  .map(({ who: names, kind, id, body, days, bot }) => {
    const told = {
      messageId: `m${id}`,
      t: (NOON - days * DAY_MS) as Instant,
      properties: { body },
      ...(bot ? { marks: ['bot' as const] } : {}),
    };
    return kind === 'ticket' ? ticket(names, told) : item(kind as 'page', names, told);
  });

const aSubmission = fc.record({
  source: fc.constantFrom(WEB, SERVER, TILL, KIOSK, STAMPED),
  items: fc.array(anItem, { maxLength: 5 }),
  yes: fc.option(fc.tuple(who, fc.constantFrom('given' as const, 'refused' as const)), { nil: undefined }),
  gpc: fc.boolean(),
  imported: fc.boolean(),
  refused: fc.nat(2),
});

/** What the answers say, counted as the counters should be. */
function counted(outcomes: readonly SubmissionOutcome[]): Record<ItemOutcome['kind'], number> {
  const counts = { pending: 0, duplicate: 0, withheld: 0, quarantined: 0, refused: 0 };
  for (const { items } of outcomes) for (const { kind } of items) counts[kind] += 1;
  return counts;
}

test('S2 conservation: accepted = pending + withheld + quarantined at the door, then kept; duplicates and refusals apart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aSubmission, { minLength: 1, maxLength: 6 }), fc.boolean(), async (told, together) => {
      const world = new PipelineWorld();
      await world.decide(SERVER, ['anonymous_id:a', 'user_id:u'], 'given', [AM, PRO], {
        at: (NOON - DAY_MS) as Instant,
      });
      await world.entomb('email:e@example.com', NOON);
      world.now = NOON;
      const submissions = told.map(({ source, items, yes, gpc, imported, refused }) =>
        submission(source, NOON, {
          items,
          imported,
          globalPrivacyControl: gpc,
          refused: new Map(refused === 0 ? [] : [['body-too-large', refused]]),
          consents:
            yes === undefined || yes[0].length === 0
              ? []
              : [consent(source, yes[0], yes[1], [AM, AD], { at: NOON, channel: source === TILL ? 'store' : 'web' })],
        }),
      );
      const outcomes: SubmissionOutcome[] = [];
      if (together) outcomes.push(...(await Promise.all(submissions.map((one) => world.door.submit(one)))));
      else for (const one of submissions) outcomes.push(await world.door.submit(one));
      for (const [n, { items }] of outcomes.entries()) expect(items).toHaveLength(submissions[n]?.items.length ?? -1);
      const answers = counted(outcomes);
      const flow = await world.reading.flow();
      expect(flow).toMatchObject({
        accepted: answers.pending + answers.withheld + answers.quarantined,
        pending: answers.pending,
        kept: 0,
        withheld: answers.withheld,
        quarantined: answers.quarantined,
        duplicates: answers.duplicate,
        refused: told.reduce((sum, { refused }) => sum + refused, 0),
      });
      expect([...world.database.view.withheld.values()]).toHaveLength(answers.withheld);
      await world.projector.drain();
      expect(await world.reading.flow()).toMatchObject({ pending: 0, kept: answers.pending });
      expect(isBalanced(await world.reading.flow())).toBe(true);

      const open = await world.reading.quarantined({ state: 'open', limit: 100 });
      for (const entry of open) {
        const stored = openQuarantined(world.vault, entry);
        if (!stored.ok) throw new Error(stored.refusal);
        const source = [WEB, SERVER, TILL, KIOSK, STAMPED].find(({ id }) => id === entry.source) ?? WEB;
        const again = { source, imported: stored.value.imported, now: NOON };
        await world.door.submit(releaseOf(entry, incomingFrom(stored.value), again));
        await world.door.submit(releaseOf(entry, incomingFrom(stored.value), again));
      }
      await world.projector.drain();
      const released = await world.reading.flow();
      expect(released).toMatchObject({ accepted: flow.accepted, quarantined: 0, duplicates: flow.duplicates });
      expect(isBalanced(released)).toBe(true);
    }),
    { numRuns: 120 },
  );
});

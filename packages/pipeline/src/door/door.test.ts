import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { AppendStore, AppendTransaction, SeenKey } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import {
  AD,
  AM,
  APP,
  ATELIER_WEB,
  EM,
  ORDER,
  PRO,
  SERVER,
  SM,
  STAMPED,
  TILL,
  WEB,
} from '../testing/example-deployment.ts';
import { at, EngineDown, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, submission, type ToldItem, ticket } from '../testing/told-items.ts';
import type { ItemOutcome } from './submission.ts';

const NOON = at('2026-11-20T12:00:00');
const later = (ms: number): Instant => (NOON + ms) as Instant;
const kept: ItemOutcome = { kind: 'pending' };
const withheld = (reason: string): object => ({ kind: 'withheld', reason });

async function worldWithYes(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: later(-HOUR_MS) });
  return world;
}

describe('permission is decided before anything is written (S2, S3, S9)', () => {
  test('the default is no: an item nobody permitted leaves a header and nothing else', async () => {
    const world = new PipelineWorld();
    const secret = item('page', ['anonymous_id:a'], {
      name: 'ada@example.com 0639980000',
      properties: { note: 'secret' },
    });
    const { items } = await world.send(WEB, NOON, [secret]);
    expect(items).toEqual([withheld('unknown')]);
    const { journal, dataKey, withheld: headers } = world.database.view;
    expect([...journal.values()]).toEqual([]);
    expect([...dataKey.values()]).toEqual([]);
    const [only] = [...headers.values()];
    expect(Object.keys(only?.header ?? {}).sort()).toEqual(['brand', 'message', 'name', 'reason', 'source']);
    expect(JSON.stringify(only)).not.toContain('0639980000');
    expect(JSON.stringify(only)).not.toContain('ada@');
  });

  test('a later consent never revives what was withheld, and its retry stays a duplicate', async () => {
    const world = new PipelineWorld();
    const page = item('page', ['anonymous_id:a'], { t: NOON });
    await world.send(WEB, NOON, [page]);
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: later(MINUTE_MS) });
    const { items } = await world.send(WEB, later(2 * MINUTE_MS), [page]);
    expect(items).toEqual([{ kind: 'duplicate' }]);
  });

  test('each served purpose has its bit: two given of five are two bits', async () => {
    const world = await worldWithYes();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [SM], { at: later(-HOUR_MS) });
    await world.send(WEB, NOON, [item('page', ['anonymous_id:a'], { messageId: 'p1' })]);
    await world.projector.drain();
    expect(await world.timeline('anonymous_id:a', AM)).toEqual(['p1']);
    expect(await world.timeline('anonymous_id:a', SM)).toEqual(['p1']);
    expect(await world.timeline('anonymous_id:a', PRO)).toEqual([]);
  });

  test('the reason is the one nearest to a yes among the served purposes', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a'], 'refused', [AM], { at: later(-2 * HOUR_MS) });
    const page = () => item('page', ['anonymous_id:a']);
    expect((await world.send(WEB, NOON, [page()])).items).toEqual([withheld('refused')]);
    await world.decide(WEB, ['anonymous_id:a'], 'withdrawn', [SM], { at: later(-HOUR_MS), received: NOON });
    expect((await world.send(WEB, later(1), [page()])).items).toEqual([withheld('withdrawn')]);
  });

  test('S12 a kind that serves nothing is withheld as such', async () => {
    const world = await worldWithYes();
    const { items } = await world.send(WEB, NOON, [item('mail', ['anonymous_id:a'])]);
    expect(items).toEqual([withheld('no-purpose-served')]);
  });

  test('S9 a receipt without person is kept for its contract, a page without anybody is not', async () => {
    const world = new PipelineWorld();
    const { items } = await world.send(TILL, NOON, [ticket([]), item('page', [])]);
    expect(items).toEqual([kept, withheld('unknown')]);
  });

  test('a live item of 401 days waits in quarantine, sealed; withheld comes first', async () => {
    const world = new PipelineWorld();
    const old = later(-401 * DAY_MS);
    const { items } = await world.send(TILL, NOON, [
      ticket(['loyalty_card:1'], { t: old }),
      item('page', ['anonymous_id:a'], { t: old }),
    ]);
    expect(items).toEqual([{ kind: 'quarantined', reason: 'too-old' }, withheld('unknown')]);
    const [entry] = await world.reading.quarantined({ state: 'open', limit: 10 });
    expect(entry?.sealed.includes('loyalty_card')).toBe(false);
    expect(world.vault.openRecord(`quarantine/${entry?.id}`, entry?.sealed ?? Buffer.alloc(0)).ok).toBe(true);
  });

  test('S16 invariant 1: the same id with another body is quarantined, not merged and not lost', async () => {
    const world = await worldWithYes();
    const page = (properties: object) =>
      item('page', ['anonymous_id:a'], { messageId: 'm', t: NOON, properties: { ...properties } });
    await world.send(WEB, NOON, [page({ sku: 'a' })]);
    const { items } = await world.send(WEB, later(1), [page({ sku: 'a' }), page({ sku: 'b' })]);
    expect(items).toEqual([{ kind: 'duplicate' }, { kind: 'quarantined', reason: 'message-id-reused' }]);
  });
});

describe('consents apply before events (S3)', () => {
  test('example 6 in one request: given, page, withdrawn, synced together: the page is withheld', async () => {
    const world = new PipelineWorld();
    const synced = at('2026-06-06');
    const one = (status: 'given' | 'withdrawn', i: string, sequence: number) =>
      consent(APP, ['device_id:phone'], status, [AM], { at: at(i), channel: 'app', sequence });
    const { items, consents } = await world.send(
      APP,
      synced,
      [item('screen', ['device_id:phone'], { t: at('2026-06-03') })],
      { consents: [one('given', '2026-06-01', 1), one('withdrawn', '2026-06-05', 2)] },
    );
    expect(items).toEqual([withheld('withdrawn')]);
    expect(consents.map((outcome) => outcome.kind === 'recorded' && outcome.decisions[0]?.effective)).toEqual([
      'withdrawn',
      'withdrawn',
    ]);
  });

  test('a yes and the page that waited for it, in one request: kept', async () => {
    const world = new PipelineWorld();
    const yes = consent(WEB, ['anonymous_id:a'], 'given', [AM], { at: NOON });
    const page = item('page', ['anonymous_id:a'], { t: later(-20_000) });
    expect((await world.send(WEB, NOON, [page], { consents: [yes] })).items).toEqual([kept]);
  });

  test('a decision on the terminal does not hide the person beside it: tombstone, refusal and yes still count', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: later(-DAY_MS) });
    await world.send(SERVER, later(-HOUR_MS), [item('track', ['user_id:ada', 'anonymous_id:a'])]);
    await world.projector.drain();
    const decision = (purpose = AM) => consent(WEB, ['anonymous_id:a'], 'given', [purpose], { at: later(-1) });
    const page = () => item('page', ['user_id:ada', 'anonymous_id:a'], { t: NOON });
    await world.send(WEB, NOON, [page()], { consents: [decision()] });
    await world.projector.drain();
    expect(await world.timeline('user_id:ada', PRO)).toHaveLength(2);
    await world.entomb('user_id:ada', NOON);
    await world.send(WEB, later(MINUTE_MS), [page()], { consents: [decision(SM)] });
    await world.projector.drain();
    const last = [...world.database.view.journal.values()].at(-1);
    const opened = [...world.vault.openBatch(last?.position ?? 0, last?.body ?? Buffer.alloc(0))];
    expect(opened.map(({ plaintext }) => plaintext.ok && plaintext.value.toString('utf8'))).toEqual([
      expect.not.stringContaining('"ada"'),
    ]);
  });
});

describe('who is erased stays erased at the door (S14, example 14)', () => {
  const registration = (t: Instant) => item('track', ['user_id:ada', 'anonymous_id:a'], { name: 'Signed Up', t });

  test('a ticket keeps its amount and loses its person, marked; a page of nobody else is withheld', async () => {
    const world = new PipelineWorld();
    await world.entomb('loyalty_card:1', at('2026-05-01'));
    const { items } = await world.send(TILL, at('2026-05-11'), [
      ticket(['loyalty_card:1'], { t: at('2026-04-28') }),
      ticket(['loyalty_card:1'], { t: at('2026-05-10') }),
      item('call', ['loyalty_card:1'], { t: at('2026-05-10') }),
    ]);
    expect(items).toEqual([kept, kept, withheld('erased')]);
    await world.projector.drain();
    expect(await world.reading.nodes([world.id('loyalty_card:1')])).toEqual([]);
  });

  test('a page loses its erased person and stays with the terminal it came from', async () => {
    const world = await worldWithYes();
    await world.entomb('user_id:ada', later(-DAY_MS));
    const { items } = await world.send(WEB, NOON, [item('page', ['user_id:ada', 'anonymous_id:a'])]);
    expect(items).toEqual([kept]);
    await world.projector.drain();
    expect(await world.reading.nodes([world.id('user_id:ada')])).toEqual([]);
  });

  test('an alias does not bring an erased identifier back', async () => {
    const world = await worldWithYes();
    await world.entomb('user_id:old', later(-DAY_MS));
    const { items } = await world.send(WEB, NOON, [item('alias', ['anonymous_id:a'], { previous: 'user_id:old' })]);
    expect(items).toEqual([kept]);
    await world.projector.drain();
    expect(await world.reading.nodes([world.id('user_id:old')])).toEqual([]);
  });

  test('a registration from a server key lifts the tombstone from its own time on, for its own group too', async () => {
    for (const together of [true, false]) {
      const world = new PipelineWorld();
      const signedUp = at('2026-06-01T10:00:00');
      await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: at('2026-05-30') });
      await world.entomb('user_id:ada', at('2026-05-01'));
      const before = item('track', ['user_id:ada'], { t: (signedUp - MINUTE_MS) as Instant });
      const after = item('order', ['user_id:ada'], {
        t: (signedUp + MINUTE_MS) as Instant,
        receipt: { kind: 'order', type: 'sale', number: 'O-1', currency: 'EUR', amountMinor: 1, lines: [] },
      });
      const received = (signedUp + HOUR_MS) as Instant;
      const [first, second] = together
        ? [await world.send(SERVER, received, [before, registration(signedUp), after]), undefined]
        : [
            await world.send(SERVER, received, [before, registration(signedUp)]),
            await world.send(SERVER, received, [after]),
          ];
      const outcomes = [...first.items, ...(second?.items ?? [])];
      expect(outcomes[0]).toEqual(withheld('erased'));
      expect(outcomes[2]).toEqual(kept);
      await world.projector.drain();
      expect(await world.timeline('user_id:ada', ORDER)).toHaveLength(1);
    }
  });

  test('of two registrations in one group the earlier counts, in whatever order they come', async () => {
    for (const turned of [false, true]) {
      const world = new PipelineWorld();
      await world.entomb('user_id:ada', at('2026-05-01'));
      const signed = [registration(at('2026-06-01T10:00:00')), registration(at('2026-06-01T12:00:00'))];
      const between = item('call', ['user_id:ada'], { t: at('2026-06-01T11:00:00') });
      await world.send(SERVER, at('2026-06-01T13:00:00'), [...(turned ? signed.reverse() : signed), between]);
      await world.projector.drain();
      expect((await world.reading.nodes([world.id('user_id:ada')])).length).toBe(1);
      const tombstone = world.database.view.tombstone.get(world.id('user_id:ada'));
      expect(tombstone?.liftedAt).toBe(at('2026-06-01T10:00:00'));
    }
  });

  test('neither a web key, nor a file, nor a customer row, nor a registration from before the erasure lifts it', async () => {
    const tries: readonly [Source, Parameters<typeof item>[0], object, boolean][] = [
      [WEB, 'track', { name: 'Signed Up', t: NOON }, false],
      [SERVER, 'track', { name: 'Signed Up', t: NOON }, true],
      [SERVER, 'customer', { name: 'Signed Up', t: NOON }, false],
      [SERVER, 'track', { name: 'Product Viewed', t: NOON }, false],
      [SERVER, 'track', { name: 'Signed Up', t: later(-2 * DAY_MS) }, false],
    ];
    for (const [source, kind, said, imported] of tries) {
      const world = new PipelineWorld();
      await world.entomb('user_id:ada', later(-DAY_MS));
      const { items } = await world.send(source, NOON, [item(kind, ['user_id:ada'], said)], { imported });
      expect(items).toEqual([withheld('erased')]);
      expect(world.database.view.tombstone.get(world.id('user_id:ada'))).not.toHaveProperty('liftedAt');
    }
  });

  test('a value found to be nobody’s is left out, with a mark, and takes nothing with it', async () => {
    const world = await worldWithYes();
    const shops = ['1', '2', '3', '4', '5', '6'];
    for (const n of shops)
      await world.send(SERVER, NOON, [item('customer', [`user_id:${n}`, 'email:till@example.com'])]);
    await world.projector.drain();
    const { items } = await world.send(WEB, NOON, [item('page', ['email:till@example.com', 'anonymous_id:a'])]);
    expect(items).toEqual([kept]);
    const [alone] = (await world.send(WEB, NOON, [item('page', ['email:till@example.com'])])).items;
    expect(alone).toEqual(withheld('unknown'));
    await world.projector.drain();
    const { rows } = await world.events.timeline({
      brand: WEB.brand,
      threads: [{ thread: world.thread('anonymous_id:a'), from: later(-DAY_MS), to: later(DAY_MS) }],
      permission: 'every-row',
      limit: 10,
    });
    expect(rows).toHaveLength(1);
  });
});

describe('what rides on every request is told once', () => {
  const gpc = { globalPrivacyControl: true };

  test('S7 GPC closes advertising for that terminal, is written once, and its absence says nothing', async () => {
    const world = await worldWithYes();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AD], { at: later(-HOUR_MS) });
    const before = await world.reading.ledgerPosition();
    const pages = () => [item('page', ['anonymous_id:a']), item('page', ['anonymous_id:a'])];
    await world.send(WEB, NOON, pages(), gpc);
    await world.send(WEB, later(1), pages(), gpc);
    await world.send(WEB, later(2), pages());
    expect(await world.reading.ledgerPosition()).toBe(before + 2);
    expect(await world.status('anonymous_id:a', AD)).toBe('refused');
  });

  test('a stamp is written when it changes something, not each time', async () => {
    const world = new PipelineWorld();
    const page = (yes: boolean) => item('page', ['anonymous_id:a'], { stamp: { Analytics: yes, Unknown: true } });
    const outcomes: ItemOutcome[] = [];
    for (const [n, yes] of [true, true, false, false, true].entries()) {
      outcomes.push(...(await world.send(STAMPED, later(n * MINUTE_MS), [page(yes)])).items);
    }
    expect(outcomes).toEqual([kept, kept, withheld('refused'), withheld('refused'), kept]);
    expect(await world.reading.ledgerPosition()).toBe(3);
  });

  test('wire.md 4.5 without the declaration a stamp narrows and never opens', async () => {
    const world = await worldWithYes();
    const page = (stamp: Readonly<Record<string, boolean>>) => item('page', ['anonymous_id:a'], { stamp });
    const { items } = await world.send(WEB, NOON, [
      page({ audience_measurement: false }),
      page({ audience_measurement: true, advertising: true }),
      page({}),
    ]);
    expect(items).toEqual([withheld('unknown'), kept, kept]);
    expect(await world.reading.ledgerPosition()).toBe(1);
    const all = {
      audience_measurement: false,
      personalisation: false,
      profiling: false,
      advertising: false,
      store_measurement: false,
    };
    expect((await world.send(WEB, NOON, [page(all)])).items).toEqual([withheld('refused')]);
  });

  test('R39 while the browser says no, no stamp on the same request says yes: neither now nor on the next one', async () => {
    const world = new PipelineWorld();
    for (let n = 0; n < 4; n += 1) {
      await world.send(
        STAMPED,
        later(n * MINUTE_MS),
        [item('page', ['anonymous_id:a'], { stamp: { Ads: true } })],
        gpc,
      );
      expect(await world.status('anonymous_id:a', AD, later(n * MINUTE_MS))).toBe('refused');
    }
    expect(await world.reading.ledgerPosition()).toBe(2);
  });
});

describe('who may say what (S6, S11, invariants 8 and 11)', () => {
  test('a web key speaks for its device: what else it names waits for a proof, a no counts at once', async () => {
    const world = new PipelineWorld();
    const who = ['anonymous_id:a', 'email:ada@example.com'];
    await world.decide(WEB, who, 'given', [AM, EM], { at: later(-HOUR_MS) });
    await world.decide(WEB, ['email:bob@example.com'], 'refused', [EM], { at: later(-HOUR_MS) });
    expect(await world.status('anonymous_id:a', AM)).toBe('given');
    expect(await world.status('email:ada@example.com', EM)).toBe('requested');
    expect(await world.status('email:bob@example.com', EM)).toBe('refused');
  });

  test('S8 what a terminal refused for itself stays closed there, though its person said yes elsewhere', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:u'], 'given', [PRO], { at: later(-2 * HOUR_MS) });
    await world.decide(WEB, ['anonymous_id:laptop'], 'given', [AM], { at: later(-HOUR_MS) });
    const page = (terminal: string) => item('page', ['user_id:u', terminal]);
    await world.send(SERVER, NOON, [item('identify', ['user_id:u', 'anonymous_id:laptop'], { session: 'login' })]);
    await world.projector.drain();
    expect(await bits(world, page('anonymous_id:laptop'), WEB)).toEqual([AM.id, PRO.id]);
    await world.decide(WEB, ['anonymous_id:laptop'], 'refused', [PRO], { at: later(-1) });
    expect(await bits(world, page('anonymous_id:laptop'), WEB)).toEqual([AM.id]);
  });

  test('S8 what a server says of a person’s terminal is asked of the terminal too, as it stood at the time', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:ada'], 'given', [SM], { at: at('2026-11-01') });
    const who = ['user_id:ada', 'anonymous_id:a'];
    const send = async (t: Instant, told: ToldItem = {}) =>
      (await world.send(SERVER, later(DAY_MS), [item('page', who, { t, ...told })], { imported: true })).items[0];
    expect(await send(NOON)).toEqual(kept);
    expect(await send(NOON, { onTerminal: true })).toEqual(withheld('unknown'));
    await world.decide(WEB, ['anonymous_id:a'], 'given', [SM], { at: later(1) });
    expect(await send(NOON, { onTerminal: true })).toEqual(withheld('consent-later'));
    expect(await send(later(2), { onTerminal: true })).toEqual(kept);
  });

  test('S11 whoever a page merely names lends it no yes, on a terminal that refused, that was never asked, or without one', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:u'], 'given', [PRO, SM, AD], { at: later(-2 * HOUR_MS) });
    await world.decide(WEB, ['anonymous_id:no'], 'refused', [AM, SM, AD], { at: later(-HOUR_MS) });
    for (const [who, reason] of [
      [['user_id:u', 'anonymous_id:no'], 'refused'],
      [['user_id:u', 'anonymous_id:new'], 'unknown'],
      [['user_id:u'], 'unknown'],
    ] as const) {
      for (const source of [WEB, APP]) {
        const { items } = await world.send(source, NOON, [item('page', who), item('identify', who)]);
        expect(items, who.join()).toEqual([withheld(reason), withheld(reason)]);
      }
    }
    await world.decide(WEB, ['anonymous_id:yes'], 'given', [AM, PRO], { at: later(-HOUR_MS) });
    const named = () => item('page', ['user_id:u', 'anonymous_id:yes']);
    expect(await bits(world, named(), WEB), 'its own yes is its own').toEqual([AM.id, PRO.id]);
    await world.decide(SERVER, ['user_id:u'], 'withdrawn', [PRO], { at: later(-1) });
    expect(await bits(world, named(), WEB), 'a no crosses').toEqual([AM.id]);
  });

  test('a web key writes no store consent: the record is refused whole, the items beside it are not', async () => {
    const world = await worldWithYes();
    const forged = consent(WEB, ['anonymous_id:a'], 'given', [EM], { at: NOON, channel: 'store' });
    const { consents, items } = await world.send(WEB, NOON, [item('page', ['anonymous_id:a'])], { consents: [forged] });
    expect(consents).toMatchObject([{ kind: 'refused', code: 'channel-not-allowed' }]);
    expect(items).toEqual([kept]);
  });

  test('example 15 a yes in one brand is none in another: not even the node is the same', async () => {
    const world = await worldWithYes();
    const { items } = await world.send(ATELIER_WEB, NOON, [item('page', ['anonymous_id:a'])]);
    expect(items).toEqual([withheld('unknown')]);
  });

  test('each record is answered in the order in which it was sent, with its ledger position', async () => {
    const world = new PipelineWorld();
    const one = consent(WEB, ['anonymous_id:a'], 'given', [AM, SM], { at: NOON });
    const bad = consent(WEB, ['anonymous_id:a'], 'given', [AM], { at: NOON, channel: 'paper' });
    const two = consent(WEB, ['anonymous_id:b'], 'refused', [AM], { at: NOON });
    const { consents } = await world.send(WEB, NOON, [], { consents: [one, bad, two] });
    expect(
      consents.map((each) => (each.kind === 'recorded' ? each.position : each.kind === 'refused' && each.code)),
    ).toEqual([1, 'channel-not-allowed', 3]);
  });
});

describe('two doors at one database', () => {
  test('a withdrawal through another process between two commits is seen by the next verdict', async () => {
    const world = await worldWithYes();
    const other = world.openDoor();
    const page = () => item('page', ['anonymous_id:a']);
    expect((await world.send(WEB, NOON, [page()])).items).toEqual([kept]);
    const no = consent(WEB, ['anonymous_id:a'], 'withdrawn', [AM], { at: later(1) });
    await other.submit(submission(WEB, later(1), { consents: [no] }));
    expect((await world.send(WEB, later(2), [page()])).items).toEqual([withheld('withdrawn')]);
  });

  test('only what moved is read again', async () => {
    const world = await worldWithYes();
    await world.decide(WEB, ['anonymous_id:b'], 'given', [AM], { at: later(-HOUR_MS) });
    const asked: (readonly string[])[] = [];
    const door = world.openDoor(spying(world.store, asked));
    const pages = () => ['anonymous_id:a', 'anonymous_id:b'].map((who) => item('page', [who]));
    await door.submit(submission(WEB, NOON, { items: pages() }));
    await door.submit(submission(WEB, NOON, { items: pages() }));
    await world.decide(WEB, ['anonymous_id:b'], 'withdrawn', [AM], { at: later(1) });
    const { items } = await door.submit(submission(WEB, later(2), { items: pages() }));
    expect(items).toEqual([kept, withheld('withdrawn')]);
    const [a, b] = [world.id('anonymous_id:a'), world.id('anonymous_id:b')];
    expect(asked).toEqual([[a, b], [b]]);
  });

  test('a link that the projector found is known to the next verdict', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: later(-HOUR_MS) });
    const call = () => item('call', ['email:ada@example.com']);
    expect(await bits(world, call())).not.toContain('profiling');
    await world.send(SERVER, later(-HOUR_MS), [item('customer', ['user_id:ada', 'email:ada@example.com'])]);
    await world.projector.drain();
    expect(await bits(world, call())).toContain('profiling');
  });

  test('what was learned in a commit that was lost is not believed', async () => {
    const world = await worldWithYes();
    let fails = false;
    const door = world.openDoor(failing(world.store, () => fails));
    const page = () => item('page', ['anonymous_id:a']);
    await door.submit(submission(WEB, NOON, { items: [page()] }));
    fails = true;
    const no = consent(WEB, ['anonymous_id:a'], 'withdrawn', [AM], { at: NOON });
    await expect(door.submit(submission(WEB, NOON, { consents: [no], items: [page()] }))).rejects.toThrow(EngineDown);
    fails = false;
    expect((await door.submit(submission(WEB, later(1), { items: [page()] }))).items).toEqual([kept]);
    expect(isBalanced(await world.reading.flow())).toBe(true);
  });
});

describe('one bad member', () => {
  test('G9 an item that cannot be sealed costs its own submission, and nothing of it stays', async () => {
    const world = await worldWithYes();
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const poison = { ...item('page', ['anonymous_id:a']), properties: cyclic as never };
    const answers = await Promise.allSettled(
      [item('page', ['anonymous_id:a']), poison, item('page', ['anonymous_id:a'])].map((one) =>
        world.door.submit(submission(WEB, NOON, { items: [one] })),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await world.door.idle();
    const flow = await world.reading.flow();
    expect([flow.accepted, isBalanced(flow)]).toEqual([2, true]);
  });
});

describe('a group begins while the one before it is committed', () => {
  test('a yes of a commit that is lost afterwards opens nothing in the group that had begun', async () => {
    const world = new PipelineWorld();
    const commits = heldCommits(world.store, [1]);
    const door = world.openDoor(commits.store);
    const before = door.submit(submission(WEB, NOON, { items: [item('page', ['anonymous_id:b'])] }));
    commits.end();
    await before;
    const yes = consent(WEB, ['anonymous_id:a'], 'given', [AM], { at: NOON });
    const page = (): ReturnType<typeof item> => item('page', ['anonymous_id:a'], { t: NOON });
    const lost = door.submit(submission(WEB, NOON, { consents: [yes], items: [page()] }));
    await turn();
    const after = door.submit(submission(WEB, NOON, { items: [page()] }));
    await turn();
    expect(commits.begun(), 'both are under way').toBe(3);
    commits.end();
    await expect(lost).rejects.toThrow(EngineDown);
    commits.end();
    expect((await after).items).toEqual([withheld('unknown')]);
  });

  test('a no of the commit under way is heard by the group that had begun', async () => {
    const world = await worldWithYes();
    const commits = heldCommits(world.store);
    const door = world.openDoor(commits.store);
    const page = (): ReturnType<typeof item> => item('page', ['anonymous_id:a'], { t: NOON });
    const first = door.submit(submission(WEB, NOON, { items: [page()] }));
    await turn();
    commits.end();
    expect((await first).items).toEqual([kept]);
    const no = consent(WEB, ['anonymous_id:a'], 'withdrawn', [AM], { at: NOON });
    const saying = door.submit(submission(WEB, NOON, { consents: [no], items: [] }));
    await turn();
    const after = door.submit(submission(WEB, NOON, { items: [page()] }));
    await turn();
    expect(commits.begun()).toBe(3);
    commits.end();
    commits.end();
    await saying;
    expect((await after).items).toEqual([withheld('withdrawn')]);
  });

  test('S16: an id that both bring is new once', async () => {
    const world = await worldWithYes();
    const commits = heldCommits(world.store);
    const door = world.openDoor(commits.store);
    const page = item('page', ['anonymous_id:a'], { t: NOON });
    const both = [door.submit(submission(WEB, NOON, { items: [page] }))];
    await turn();
    both.push(door.submit(submission(WEB, NOON, { items: [page] })));
    await turn();
    commits.end();
    commits.end();
    expect((await Promise.all(both)).flatMap(({ items }) => items)).toEqual([kept, { kind: 'duplicate' }]);
  });
});

/** All that can happen before the next answer of an engine. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A store whose appends, done or rolled back, are answered when the test says so, one by one in their order. */
function heldCommits(store: AppendStore, lost: readonly number[] = []) {
  const held: PromiseWithResolvers<void>[] = [];
  let [begun, ended] = [0, 0];
  const gate = (place: number): PromiseWithResolvers<void> => {
    held[place] ??= Promise.withResolvers();
    return held[place];
  };
  return {
    store: {
      ...store,
      async append<T>(work: (transaction: AppendTransaction) => Promise<T>, claiming: readonly SeenKey[] = []) {
        const place = begun;
        begun += 1;
        const done = store.append(async (transaction) => {
          const result = await work(transaction);
          if (lost.includes(place)) throw new EngineDown('the commit failed');
          return result;
        }, claiming);
        await Promise.allSettled([done, gate(place).promise]);
        return done;
      },
    } satisfies AppendStore,
    begun: () => begun,
    end() {
      gate(ended).resolve();
      ended += 1;
    },
  };
}

/** Names of the purposes that an item was kept for. */
async function bits(
  world: PipelineWorld,
  one: ReturnType<typeof item>,
  source: Source = SERVER,
): Promise<readonly string[]> {
  await world.send(source, world.now, [one]);
  const last = [...world.database.view.journal.values()].at(-1);
  const [opened] = [...world.vault.openBatch(last?.position ?? 0, last?.body ?? Buffer.alloc(0))];
  const text = opened?.plaintext.ok === true ? opened.plaintext.value.toString('utf8') : '{}';
  const { purposes } = JSON.parse(text) as { purposes: string };
  return [AM, PRO, SM].filter(({ bit }) => ((BigInt(purposes) >> BigInt(bit)) & 1n) === 1n).map(({ id }) => id);
}

function wrapped(store: AppendStore, wrap: (transaction: AppendTransaction) => AppendTransaction): AppendStore {
  return { ...store, append: (work) => store.append((transaction) => work(wrap(transaction))) };
}

function spying(store: AppendStore, asked: (readonly string[])[]): AppendStore {
  return wrapped(store, (transaction) => ({
    ...transaction,
    subjects(nodes) {
      asked.push(nodes);
      return transaction.subjects(nodes);
    },
  }));
}

function failing(store: AppendStore, fails: () => boolean): AppendStore {
  return wrapped(store, (transaction) => ({
    ...transaction,
    write: (batch) => (fails() ? Promise.reject(new EngineDown('no disk')) : transaction.write(batch)),
  }));
}

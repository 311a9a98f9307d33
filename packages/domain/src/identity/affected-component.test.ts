import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AFFECTED_NODES_MAX,
  AFFECTED_ROUNDS_MAX,
  type Affected,
  affectedDevices,
  affectedPersons,
  type DeviceRecord,
  type LoadPlan,
  loadAffected,
  type PersonRecord,
  regroupAffected,
  resolveAffected,
} from './affected-component.ts';
import type { BlockedBy } from './blocked-value.ts';
import { firstLinks, isKnownLink, linkKey, worthOf } from './canonical-order.ts';
import { deviceGroups, firstDeviceLinks } from './device-groups.ts';
import { evidenceOf } from './evidence-of.ts';
import type { DeviceLink, LinkFact, LogoutFact, SeparationFact } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import type { Node, NodeId } from './node.ts';
import { type Presence, presenceKey, presenceOf, unitePresences } from './presence.ts';
import { resolvePersons } from './resolve-persons.ts';
import { link, n, separation } from './testing/example-identity.ts';
import { history, separations, told, UNIVERSE } from './testing/identity-universe.ts';

/** A projector over a store in memory, which keeps no more than it must and leaves out what it may. */
class Projector {
  readonly #limits: IdentityLimits;
  readonly #links = new Map<string, LinkFact>();
  readonly #separations: SeparationFact[] = [];
  readonly #blocked = new Map<NodeId, BlockedBy>();
  readonly #cluster = new Map<NodeId, string>();
  readonly #deviceLinks = new Map<string, DeviceLink>();
  readonly #presences = new Map<string, Presence>();
  readonly #logouts: LogoutFact[] = [];
  readonly #kiosks = new Set<NodeId>();
  readonly #group = new Map<NodeId, string>();
  rounds = 0;

  constructor(limits: IdentityLimits) {
    this.#limits = limits;
  }

  takeLinks(links: readonly LinkFact[]): void {
    const news = links.filter((fact) => !isKnownLink(this.#links.get(linkKey(fact)), fact));
    for (const fact of firstLinks(news)) this.#links.set(linkKey(fact), fact);
    this.#resolve(news.flatMap((fact) => [fact.a, fact.b]));
  }

  takeSeparation(fact: SeparationFact): void {
    this.#separations.push(fact);
    this.#resolve([fact.a, fact.b]);
  }

  takeDevices(links: readonly DeviceLink[], presences: readonly Presence[], logouts: readonly LogoutFact[]): void {
    for (const fact of firstDeviceLinks([...this.#deviceLinks.values(), ...links])) {
      this.#deviceLinks.set([fact.a.id, fact.b.id].sort().join(), fact);
    }
    for (const presence of presences) {
      const known = this.#presences.get(presenceKey(presence));
      this.#presences.set(presenceKey(presence), known === undefined ? presence : unitePresences(known, presence));
    }
    this.#logouts.push(...logouts);
    const start = [
      ...links.flatMap((fact) => [fact.a, fact.b]),
      ...[...presences, ...logouts].map((fact) => fact.device),
    ];
    const affected = this.#drive(affectedDevices(start, this.#limits), (node) => this.#deviceRecord(node));
    for (const { devices, blocked } of regroupAffected(affected, this.#limits)) {
      for (const { id } of devices) {
        this.#group.set(id, devices.map((device) => device.id).join(' '));
        if (blocked) this.#kiosks.add(id);
      }
    }
  }

  persons(): readonly string[] {
    return [...new Set(this.#cluster.values())].sort();
  }

  blocked(): readonly (readonly [NodeId, BlockedBy])[] {
    return [...this.#blocked].sort(([x], [y]) => (x < y ? -1 : 1));
  }

  groups(): readonly string[] {
    return [...new Set(this.#group.values())].sort();
  }

  #resolve(start: readonly Node[]): void {
    const affected = this.#drive(affectedPersons(start, this.#limits), (node) => this.#personRecord(node));
    const persons = resolveAffected(affected, this.#limits);
    for (const { id } of affected.nodes) {
      this.#cluster.delete(id);
      this.#blocked.delete(id);
    }
    for (const [id, by] of persons.blocked) this.#blocked.set(id, by);
    for (const { nodes } of persons.clusters) {
      for (const { id } of nodes) this.#cluster.set(id, nodes.map((node) => node.id).join(' '));
    }
  }

  #personRecord(node: Node): PersonRecord {
    const blocked = this.#blocked.get(node.id);
    const links = [...this.#links.values()].filter((fact) => fact.a.id === node.id || fact.b.id === node.id);
    const given = {
      node,
      separations: this.#separations.filter((fact) => fact.a.id === node.id || fact.b.id === node.id),
    };
    switch (blocked) {
      case undefined:
        return { ...given, links };
      case 'secret-keys':
        return { ...given, blocked, links: [] };
      case 'public-keys':
        return { ...given, blocked, links: links.filter((fact) => worthOf(fact) !== 'claimed') };
    }
  }

  #deviceRecord(device: Node): DeviceRecord {
    const blocked = this.#kiosks.has(device.id);
    const links = [...this.#deviceLinks.values()].filter((fact) => fact.a.id === device.id || fact.b.id === device.id);
    return {
      device,
      blocked,
      links: blocked ? [] : links,
      presences: [...this.#presences.values()].filter((presence) => presence.device.id === device.id),
      logouts: this.#logouts.filter((fact) => fact.device.id === device.id),
    };
  }

  #drive<R>(plan: LoadPlan<R>, record: (node: Node) => R): Extract<Affected<R>, { kind: 'loaded' }> {
    let step = plan.next();
    while (!step.done) {
      this.rounds += 1;
      step = plan.next(step.value.map(record));
    }
    if (step.value.kind === 'too-large') throw new Error('the universe is small');
    return step.value;
  }
}

const limits = fc.constantFrom(IDENTITY_LIMITS, {
  ...IDENTITY_LIMITS,
  perPerson: { user_id: 1, loyalty_card: 2, email: 2, phone: 1 },
  identifiersMax: 5,
  mergesMax: 1,
  loginsPerValueMax: 2,
});

describe('recomputing what a fact touches', () => {
  test('gives, step by step and in any order, the persons that all facts give at once', () => {
    let blocked = 0;
    fc.assert(
      fc.property(history(UNIVERSE), separations(UNIVERSE), limits, (told_, apart, limit) => {
        const projector = new Projector(limit);
        const links: LinkFact[] = [];
        const parted: SeparationFact[] = [];
        for (const [at, each] of told_.entries()) {
          const news = evidenceOf(told(each)).links;
          links.push(...news);
          projector.takeLinks(news);
          const fact = apart[Math.floor(at / 5)];
          if (at % 5 === 4 && fact !== undefined) {
            parted.push(fact);
            projector.takeSeparation(fact);
          }
          const persons = resolvePersons({ links, separations: parted }, limit);
          const named = new Set([...links, ...parted].flatMap((fact_) => [fact_.a.id, fact_.b.id]));
          const alone = [...named].filter((id) => !persons.byNode.has(id) && !persons.blocked.has(id));
          const all = persons.clusters.map((cluster) => cluster.nodes.map((node) => node.id).join(' '));
          expect(projector.persons()).toEqual([...all, ...alone].sort());
          expect(projector.blocked()).toEqual([...persons.blocked]);
          blocked += persons.blocked.size;
        }
      }),
      { numRuns: 300 },
    );
    expect(blocked).toBeGreaterThan(100);
  });

  test('gives the terminals that all facts give at once', () => {
    fc.assert(
      fc.property(history(UNIVERSE), limits, (told_, limit) => {
        const projector = new Projector(limit);
        const facts = told_.map((each) => evidenceOf(told(each)));
        for (const { deviceLinks, sightings, logouts } of facts) {
          projector.takeDevices(deviceLinks, sightings.map(presenceOf), logouts);
        }
        const all = deviceGroups(
          {
            links: facts.flatMap((each) => each.deviceLinks),
            presences: facts.flatMap((each) => each.sightings.map(presenceOf)),
            logouts: facts.flatMap((each) => each.logouts),
          },
          limit,
        );
        expect(projector.groups()).toEqual(
          all.map(({ devices }) => devices.map((device) => device.id).join(' ')).sort(),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('asks once a round for all nodes of that round', async () => {
    const links = [
      link(1, 'user_id:u', 'email:1'),
      link(2, 'user_id:u', 'email:2'),
      link(3, 'email:1', 'phone:1'),
      link(4, 'email:2', 'phone:2'),
    ];
    const asked: number[] = [];
    const affected = await loadAffected(affectedPersons([n('user_id:u'), n('user_id:u')]), (nodes) => {
      asked.push(nodes.length);
      return Promise.resolve(nodes.map((node) => recordOf(node, links)));
    });
    expect(asked).toEqual([1, 2, 2]);
    expect(affected.kind === 'loaded' && resolveAffected(affected).clusters.map(({ nodes }) => nodes.length)).toEqual([
      5,
    ]);
  });

  test('a node without record is a person by itself', async () => {
    const affected = await loadAffected(affectedPersons([n('user_id:u')]), () => Promise.resolve([]));
    expect(affected.kind === 'loaded' && resolveAffected(affected).clusters).toEqual([
      { key: n('user_id:u').id, nodes: [n('user_id:u')] },
    ]);
  });

  test('does not walk through a value that was blocked before, however many it was seen with', async () => {
    const asked: Node[] = [];
    await loadAffected(affectedPersons([n('email:till'), n('user_id:new')]), (nodes) => {
      asked.push(...nodes);
      return Promise.resolve(
        nodes.map((node): PersonRecord => ({ node, blocked: 'secret-keys', links: [], separations: [] })),
      );
    });
    expect(asked).toEqual([n('email:till'), n('user_id:new')]);
  });

  test('walks once more through a value that is blocked just now: those it had joined must be told apart', async () => {
    const links = [1, 2, 3, 4, 5, 6].map((at) => link(at, `loyalty_card:${at}`, 'email:e'));
    const affected = await loadAffected(affectedPersons([n('email:e'), n('loyalty_card:6')]), (nodes) =>
      Promise.resolve(nodes.map((node) => recordOf(node, links))),
    );
    expect(affected.kind === 'loaded' && resolveAffected(affected).clusters).toHaveLength(6);
  });

  test('answers too-large instead of loading without end', async () => {
    let rounds = 0;
    const chain = await loadAffected(affectedPersons([n('email:0')]), ([node]) => {
      const next = link(rounds, `email:${rounds}`, `email:${rounds + 1}`);
      rounds += 1;
      return Promise.resolve([recordOf(node ?? n('email:0'), [next])]);
    });
    expect(chain).toEqual({ kind: 'too-large', beyond: [n('email:0')] });
    expect(rounds).toBe(AFFECTED_ROUNDS_MAX);
    let asked = 0;
    const star = await loadAffected(affectedPersons([n('user_id:hub')]), (nodes) => {
      asked += nodes.length;
      return Promise.resolve(nodes.map((node) => recordOf(node, hub)));
    });
    expect(star).toEqual({ kind: 'too-large', beyond: [n('user_id:hub')] });
    expect(asked).toBe(1);
  });

  test('one part that is too large does not hold up the others of the same question', async () => {
    const pairs = Array.from({ length: AFFECTED_NODES_MAX }, (_, at) =>
      link(at, `user_id:${at}`, `loyalty_card:${at}`),
    );
    const byNode = new Map<NodeId, readonly LinkFact[]>(pairs.map((each) => [each.a.id, [each]]));
    byNode.set(n('user_id:hub').id, hub);
    const start = [n('user_id:hub'), ...pairs.map((each) => each.a)];
    const affected = await loadAffected(affectedPersons(start), (nodes) =>
      Promise.resolve(nodes.map((node) => recordOf(node, byNode.get(node.id) ?? []))),
    );
    if (affected.kind !== 'loaded') throw new Error('the pairs may be loaded');
    expect(affected.beyond).toEqual([n('user_id:hub')]);
    expect(affected.nodes).toHaveLength(2 * AFFECTED_NODES_MAX);
    expect(resolveAffected(affected).clusters).toHaveLength(AFFECTED_NODES_MAX);
  });

  test('a separation is a reason to look again at both ends', async () => {
    const links = [link(1, 'email:a', 'phone:p'), link(2, 'email:b', 'phone:p')];
    const apart = separation(3, 'email:a', 'email:b');
    const affected = await loadAffected(affectedPersons([apart.a, apart.b]), (nodes) =>
      Promise.resolve(nodes.map((node) => ({ ...recordOf(node, links), separations: [apart] }))),
    );
    expect(affected.kind === 'loaded' && resolveAffected(affected).clusters).toHaveLength(2);
  });
});

const hub = Array.from({ length: AFFECTED_NODES_MAX }, (_, at) => link(at, 'user_id:hub', `email:hub${at}`));

function recordOf(node: Node, links: readonly LinkFact[]): PersonRecord {
  const own = links.filter((fact) => fact.a.id === node.id || fact.b.id === node.id);
  return { node, links: own, separations: [] };
}

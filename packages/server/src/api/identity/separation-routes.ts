import { instant, later } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type Node, type SeparationFact, standingSeparations } from '@filrouge/domain/identity';
import { findPerson } from '@filrouge/pipeline';
import { z } from 'zod';
import { actorOf } from '../../access/api-tokens.ts';
import { brandFor, mayTouch } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { brandParameter, instantShown } from '../common-schemas.ts';
import { identifierAsked, nodeOf } from '../profiles/asked-person.ts';

const separationBody = z.strictObject({
  brand: brandParameter,
  a: identifierAsked,
  b: identifierAsked,
  reason: z.string().min(1).max(500).describe('Why these are two persons. Kept with the fact; name nobody in it.'),
});

const separationAnswer = z.object({
  id: z.string(),
  brand: z.string(),
  at: instantShown,
  by: z.string(),
  stands: z.boolean(),
  reason: z.string(),
  persons: z.object({ a: z.string().optional(), b: z.string().optional() }).describe('Who each of the two is now.'),
});

const common = { tag: 'Identity', scope: 'identity:write', answer: separationAnswer } as const;

/** Taking two persons apart that links had made one, and taking that back (S13). */
export const SEPARATION_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    method: 'POST',
    path: '/api/separations',
    summary: 'These two identifiers are not one person: events, traits and consents go back to whose they are',
    body: separationBody,
    status: 201,
    problems: ['brand-not-allowed', 'profile-not-found'],
    async handle({ service, bearer, body, audit }) {
      const brand = brandFor(bearer, service.deployment, body.brand, 'body');
      const a = nodeOf(service, brand, body.a.namespace, body.a.value, '/a/value');
      const b = nodeOf(service, brand, body.b.namespace, body.b.value, '/b/value');
      audit({ action: 'separation', brand, subject: `${a.id} ${b.id}` });
      if (a.id === b.id) {
        throw new ProblemAnswer('value-not-allowed', { pointer: '/b', detail: 'another identifier than a' });
      }
      const known = new Set((await service.reading.nodes([a.id, b.id])).map(({ node }) => node.id));
      for (const [pointer, node] of [
        ['/a', a],
        ['/b', b],
      ] as const) {
        if (!known.has(node.id)) throw new ProblemAnswer('profile-not-found', { pointer });
      }
      return separate(service, brand, { a, b, stands: true, by: actorOf(bearer), reason: body.reason });
    },
  }),
  apiRoute({
    ...common,
    method: 'DELETE',
    path: '/api/separations/{id}',
    summary: 'Take a separation back: what tied the two together holds again',
    params: z.strictObject({ id: z.guid() }),
    status: 200,
    problems: ['not-found'],
    async handle({ service, bearer, params, audit }) {
      const known = await service.reading.separation(params.id);
      if (known === undefined || !known.stands || !mayTouch(bearer, known.brand)) {
        throw new ProblemAnswer('not-found');
      }
      const { a, b, brand, reason } = known;
      audit({ action: 'separation/undo', brand, subject: `${a.id} ${b.id}` });
      const standing = await stillStanding(service, a, b);
      if (standing === undefined) {
        return shown(service, brand, { ...known, stands: false, by: actorOf(bearer), reason });
      }
      return separate(service, brand, { a, b, stands: false, by: actorOf(bearer), reason: `undoes ${known.id}` });
    },
  }),
];

type Fact = SeparationFact & { readonly reason: string };

async function separate(service: ApiService, brand: BrandId, given: Omit<Fact, 't' | 'id'>) {
  const known = await separationsOf(service, given.a, given.b);
  // What is said now is the last word on the pair, though the clock went back meanwhile.
  const t = known.reduce((latest, fact) => later(latest, instant(fact.t + 1)), service.now());
  const fact: Fact = { ...given, t, id: service.newId() };
  await service.separate(brand, fact);
  return shown(service, brand, fact);
}

/** The separation that holds these two apart now, if one does. */
async function stillStanding(service: ApiService, a: Node, b: Node): Promise<SeparationFact | undefined> {
  return standingSeparations(await separationsOf(service, a, b))[0];
}

/** Everything that was said about the pair. */
async function separationsOf(service: ApiService, a: Node, b: Node): Promise<readonly SeparationFact[]> {
  const records = await service.reading.personRecords([a.id]);
  const pair = new Set([a.id, b.id]);
  return records.flatMap(({ separations }) => separations).filter((fact) => pair.has(fact.a.id) && pair.has(fact.b.id));
}

async function shown(service: ApiService, brand: BrandId, { id, t, by, stands, reason, a, b }: Fact) {
  const personOf = async (node: Node): Promise<string | undefined> =>
    (await findPerson(service.reading, brand, node.id, service.now()))?.id;
  const [first, second] = [await personOf(a), await personOf(b)];
  return {
    id,
    brand,
    at: new Date(t).toISOString(),
    by,
    stands,
    reason,
    persons: { ...(first === undefined ? {} : { a: first }), ...(second === undefined ? {} : { b: second }) },
  };
}

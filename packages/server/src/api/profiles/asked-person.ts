import type { Instant } from '@filrouge/domain/base';
import type { Allowance, Purpose, PurposeId } from '@filrouge/domain/consent';
import { type BrandId, countryOf } from '@filrouge/domain/deployment';
import {
  DEVICE_NAMESPACES,
  type Namespace,
  type Node,
  PERSON_NAMESPACES,
  parsePersonId,
} from '@filrouge/domain/identity';
import {
  type FoundPerson,
  findPerson,
  findPersonById,
  type PersonPermission,
  permissionOf,
  RIGHTS,
} from '@filrouge/pipeline';
import { normaliseIdentifier } from '@filrouge/wire';
import { z } from 'zod';
import type { Bearer } from '../../access/api-tokens.ts';
import { brandFor, oneOf } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import type { ApiCall } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { brandParameter } from '../common-schemas.ts';

/** Namespaces by which a person is asked for; `person` takes an id that an earlier answer gave. */
const ASKED_NAMESPACES = [...PERSON_NAMESPACES, ...DEVICE_NAMESPACES, 'person'] as const;

export const personParams = z.strictObject({
  namespace: z.enum(ASKED_NAMESPACES),
  value: z.string().min(1).max(1_024).describe('URL-encoded; normalised like the identifiers of events.'),
});
export type PersonParams = z.infer<typeof personParams>;

export const personQuery = z.strictObject({
  brand: brandParameter,
  purpose: z
    .string()
    .min(1)
    .max(64)
    .describe(
      'What the person is looked at for. `rights` opens every row for the person’s own request, with the scope rights:read.',
    ),
});

export const identifierAsked = z.strictObject({
  namespace: z.enum(PERSON_NAMESPACES),
  value: z.string().min(1).max(256),
});

/** A person that may be seen for a purpose, and as of when that was decided. */
export type AskedPerson = {
  readonly person: FoundPerson;
  readonly permission: PersonPermission;
  readonly allowedBy: Allowance;
  /** The identifier asked by; undefined for a person's own id. */
  readonly node: Node | undefined;
};

type PersonCall = Pick<
  ApiCall<PersonParams, z.infer<typeof personQuery>, unknown>,
  'service' | 'bearer' | 'params' | 'query' | 'audit'
>;

/**
 * The person of a request, once it is settled that it may be seen (S10). Throws 400 for an unknown purpose, 403 for one
 * that the person has not permitted, 404 for a person that is unknown or erased.
 */
export async function askedPerson(call: PersonCall, action: string): Promise<AskedPerson> {
  const { service, bearer, params, query, audit } = call;
  const brand = brandFor(bearer, service.deployment, query.brand);
  const purpose = purposeFor(bearer, service, query.purpose);
  const now = service.now();
  const node = params.namespace === 'person' ? undefined : nodeOf(service, brand, params.namespace, params.value);
  const subject = node?.id ?? parsePersonId(params.value);
  audit({ action, brand, purpose: purpose.id, ...(subject === undefined ? {} : { subject }) });
  const person =
    node === undefined
      ? await personById(service, brand, params.value, now)
      : await findPerson(service.reading, brand, node.id, now);
  if (person === undefined) throw new ProblemAnswer('profile-not-found');
  const permission = permissionOf(service.reading, person, purpose, now);
  if (node !== undefined && permission.isErased(node.id)) throw new ProblemAnswer('profile-not-found');
  const { allowedBy } = permission;
  if (allowedBy === undefined) throw notPermitted(bearer, permission);
  return { person, permission, allowedBy, node };
}

const CLOSED: Readonly<Record<PersonPermission['closedAs'], string>> = {
  unknown: 'nothing was decided on it',
  requested: 'a yes is requested and not confirmed',
  expired: 'the consent has expired',
  refused: 'it was refused',
  withdrawn: 'the consent was withdrawn',
  objected: 'it was objected to',
  'consent-later': 'the consent came later',
  erased: 'the person was erased',
  'no-purpose-served': 'nothing serves it',
};

/** Which purpose is closed, and why: the latter to who may read consents anyway, for a no is personal data too. */
function notPermitted(bearer: Bearer, { purpose, closedAs }: PersonPermission): ProblemAnswer {
  const pointer = '/purpose';
  const { id } = purpose;
  if (!bearer.scopes.includes('consents:read')) {
    const detail = `${id} is not permitted; a token with the scope consents:read is told why.`;
    return new ProblemAnswer('purpose-not-permitted', { pointer, detail, extra: { purpose: id } });
  }
  const detail = `${id}: ${CLOSED[closedAs]}.`;
  return new ProblemAnswer('purpose-not-permitted', { pointer, detail, extra: { purpose: id, standing: closedAs } });
}

/** What every answer about a person says of itself. */
export function answerHead({ person, permission, allowedBy }: AskedPerson) {
  return {
    id: person.id,
    brand: person.brand,
    purpose: permission.purpose.id,
    allowedBy: {
      by: allowedBy.by,
      ...(allowedBy.by === 'consent' ? { recordId: allowedBy.recordId, position: allowedBy.position } : {}),
    },
    asOf: { at: new Date(permission.now).toISOString(), ledgerPosition: permission.ledgerPosition },
  };
}

/** The node of an identifier as a person wrote it. */
export function nodeOf(
  service: ApiService,
  brand: BrandId,
  namespace: Namespace,
  value: string,
  pointer = '/value',
): Node {
  const normal = normaliseIdentifier(namespace, value, countryOf(service.deployment, brand));
  if (!normal.ok) throw new ProblemAnswer(normal.code, { pointer });
  return { namespace, id: service.vault.lookup(brand, namespace, normal.value) };
}

function purposeFor(bearer: Bearer, { deployment }: ApiService, asked: string): Purpose {
  if (asked === RIGHTS.id) {
    if (!bearer.scopes.includes('rights:read')) throw new ProblemAnswer('scope-missing', { detail: 'rights:read' });
    return RIGHTS;
  }
  const purpose = deployment.purposes.get(asked as PurposeId);
  if (purpose === undefined) {
    throw new ProblemAnswer('unknown-purpose', { pointer: '/purpose', detail: oneOf(deployment.purposes.keys()) });
  }
  return purpose;
}

async function personById(
  service: ApiService,
  brand: BrandId,
  text: string,
  now: Instant,
): Promise<FoundPerson | undefined> {
  const id = parsePersonId(text);
  return id === undefined ? undefined : findPersonById(service.reading, brand, id, now);
}

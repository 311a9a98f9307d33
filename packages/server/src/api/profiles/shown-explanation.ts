import type { Instant } from '@filrouge/domain/base';
import {
  type ExplainedStep,
  type LinkFact,
  type Node,
  personIdOf,
  personOfThread,
  threadOf,
} from '@filrouge/domain/identity';
import { type IdentityExplanation, openNode, shownSpan } from '@filrouge/pipeline';
import type { Vault } from '@filrouge/ports';
import type { AskedPerson } from './asked-person.ts';

type Named = { readonly namespace: Node['namespace']; readonly value?: string; readonly person?: string };

/**
 * An explanation in words that may leave: the person's own identifiers as far as the purpose shows them, those of
 * others by their person's id alone, because nobody has asked whether they may be seen.
 */
export function shownExplanation(vault: Vault, { person, permission }: AskedPerson, told: IdentityExplanation) {
  const own = new Set([...person.members, ...person.devices].map(({ node }) => node.node.id));
  const claimed = new Set(
    told.identifiers.filter(({ standing }) => standing === 'unverified').map(({ identifier }) => identifier.id),
  );
  const showsPerson = person.members.some(({ node }) => permission.shows(node.node.id));
  const named = (node: Node): Named => {
    const row = told.nodes.get(node.id);
    const { namespace } = node;
    if (own.has(node.id) || claimed.has(node.id)) {
      const visible = permission.shows(node.id) || (claimed.has(node.id) && showsPerson);
      const value = visible && row !== undefined ? openNode(vault, row) : undefined;
      return { namespace, ...(value === undefined ? {} : { value }) };
    }
    const id = row?.blocked === undefined ? personIdOf(personOfThread(threadOf(row?.component ?? node.id))) : undefined;
    return { namespace, ...(id === undefined ? {} : { person: id }) };
  };
  return {
    complete: told.complete,
    identifiers: told.identifiers.map(({ identifier, standing, why }) => ({
      identifier: named(identifier),
      standing,
      why: why.map((step) => shownStep(step, named)),
    })),
    notJoined: told.notJoined.map(({ link, reason }) => ({
      ...shownLink(link, named(link.a), named(link.b)),
      reason,
    })),
  };
}

function shownStep(step: ExplainedStep, named: (node: Node) => Named) {
  if (step.kind === 'link') return { kind: step.kind, ...shownLink(step.link, named(step.from), named(step.to)) };
  const { reason } = step.span;
  const { verified } = step;
  return { kind: step.kind, device: named(step.device), ...shownSpan(step.span), reason, verified };
}

function shownLink(link: LinkFact, from: Named, to: Named) {
  const { verified, evidence, source, sourceKind, t, messageId } = link;
  return {
    from,
    to,
    verified,
    evidence,
    ...(source === undefined ? {} : { source }),
    sourceKind,
    at: iso(t),
    event: messageId,
  };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

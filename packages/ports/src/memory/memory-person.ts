import type { Instant } from '@filrouge/domain/base';
import {
  isDeviceNamespace,
  isWithin,
  NOBODY,
  type NodeId,
  type PersonNumber,
  personOfThread,
  threadOf,
} from '@filrouge/domain/identity';
import type { PersonParts, SealedNode } from '../reading-store.ts';
import type { MemoryView, StoredNode } from './memory-database.ts';
import { devicesOfIn, membersIn, nodeRow, nodesIn, spansIn } from './memory-identity.ts';
import { standingIn } from './memory-neighbourhood.ts';
import { traitsIn } from './memory-projection-store.ts';

/** Rows as they are shown, first seen first. */
export function sealedNodes(rows: readonly StoredNode[]): readonly SealedNode[] {
  return rows
    .map((row) => ({ ...nodeRow(row), key: row.key, sealed: row.sealed }))
    .sort((a, b) => a.firstPosition - b.firstPosition || (a.node.id < b.node.id ? -1 : 1));
}

/** A person whole, one step after the other. */
export function personIn(
  view: MemoryView,
  id: NodeId,
  whose: { readonly at: Instant } | { readonly number: PersonNumber },
): PersonParts | undefined {
  const asked = view.node.get(id);
  if (asked === undefined) return undefined;
  const number = 'number' in whose ? whose.number : numberAt(view, asked, whose.at);
  if (number === NOBODY) return undefined;
  const named = [...view.node.values()].filter(({ node }) => personOfThread(threadOf(node.id)) === number);
  const component = isDeviceNamespace(asked.node.namespace)
    ? sealedNodes(named).find((row) => row.component !== undefined)?.component
    : asked.component;
  const members =
    component === undefined ? [] : membersIn(view, [component]).filter((row) => row.blocked === undefined);
  const mapped = [...view.span.values()].filter(({ entries }) => entries.some(({ person }) => person === number));
  const seen = devicesOfIn(
    view,
    members.map(({ node }) => node.id),
  );
  const near = nodesIn(view, [
    id,
    ...mapped.map(({ node }) => node),
    ...named.map(({ node }) => node.id),
    ...seen.map((device) => device.id),
  ]);
  const devices = near.filter(({ node }) => isDeviceNamespace(node.namespace));
  const all = [...members, ...devices].map(({ node }) => node.id);
  return {
    brand: asked.brand,
    number,
    members: sealedNodes(members),
    devices: sealedNodes(devices).map((row) => ({
      ...row,
      spans: spansIn(view, [row.node.id]).get(row.node.id) ?? [],
    })),
    standing: standingIn(view, all),
    traits: traitsIn(view, all),
  };
}

function numberAt(view: MemoryView, { node, blocked }: StoredNode, at: Instant): PersonNumber {
  if (blocked !== undefined && blocked !== 'device') return NOBODY;
  const spans = spansIn(view, [node.id]).get(node.id) ?? [];
  return spans.find((span) => isWithin(span, at))?.person ?? personOfThread(threadOf(node.id));
}

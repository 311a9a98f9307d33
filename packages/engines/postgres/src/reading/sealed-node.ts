import type { BrandId } from '@filrouge/domain/deployment';
import type { Namespace } from '@filrouge/domain/identity';
import type { KeyId, SealedNode } from '@filrouge/ports';
import { nodeOf } from '../append/node-uuid.ts';

export const SEALED_NODE_COLUMNS = 'node, brand, namespace, component, blocked, first_position, key_id, sealed';

export type SealedNodeRow = {
  readonly node: string;
  readonly brand: string;
  readonly namespace: string;
  readonly component: string | null;
  readonly blocked: NonNullable<SealedNode['blocked']> | null;
  readonly first_position: bigint;
  readonly key_id: bigint;
  readonly sealed: Buffer;
};

export function sealedNode(row: SealedNodeRow): SealedNode {
  return {
    node: { namespace: row.namespace as Namespace, id: nodeOf(row.node) },
    brand: row.brand as BrandId,
    component: row.component === null ? undefined : nodeOf(row.component),
    blocked: row.blocked ?? undefined,
    firstPosition: Number(row.first_position),
    key: Number(row.key_id) as KeyId,
    sealed: row.sealed,
  };
}

import type { KeyId, SealedNode } from '@filrouge/ports';
import { nodeRow, type StoredNode } from '../projection/node-rows.ts';

export const SEALED_NODE_COLUMNS = 'node, brand, namespace, component, blocked, first_position, key_id, sealed';

export type SealedNodeRow = StoredNode & { readonly key_id: bigint; readonly sealed: Buffer };

export function sealedNode(row: SealedNodeRow): SealedNode {
  return { ...nodeRow(row), key: Number(row.key_id) as KeyId, sealed: row.sealed };
}

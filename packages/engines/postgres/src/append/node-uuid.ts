import type { NodeId } from '@filrouge/domain/identity';

/** PostgreSQL keeps a node's 128 bits as a uuid; the two forms differ by dashes only. */
export function uuidOf(node: NodeId): string {
  return `${node.slice(0, 8)}-${node.slice(8, 12)}-${node.slice(12, 16)}-${node.slice(16, 20)}-${node.slice(20)}`;
}

export function nodeOf(uuid: string): NodeId {
  return uuid.replaceAll('-', '') as NodeId;
}

/** Whether a text can be asked for as a uuid: the server calls anything else an error. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

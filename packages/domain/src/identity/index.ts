export {
  CLAIM_PRIORITY,
  DEVICE_NAMESPACES,
  type Identifier,
  isDeviceNamespace,
  isLoginNamespace,
  isPersonNamespace,
  LOGIN_NAMESPACES,
  NAMESPACES,
  type Namespace,
  PERSON_NAMESPACES,
} from './identifier.ts';
export { NO_THREAD, type Node, type NodeId, parseNodeId, type Thread, threadOf } from './node.ts';

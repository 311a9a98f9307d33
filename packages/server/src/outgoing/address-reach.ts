import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * public: anybody's; private: of a network of one's own, which a setting may open for a named host; closed: never asked,
 * whatever a setting says.
 */
export type AddressReach = 'public' | 'private' | 'closed';

type Range = readonly [network: string, prefix: number];

/** IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast, and the platform address of one cloud. */
const SPECIAL_V4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const PRIVATE_V4: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];

const PRIVATE_V6: readonly Range[] = [
  ['::1', 128],
  ['fc00::', 7],
];

/** Where clouds hand out their machines' credentials, inside private ranges. Link-local ones are closed as a whole. */
const CREDENTIALS_V4: readonly Range[] = [['100.100.100.200', 32]];
const CREDENTIALS_V6: readonly Range[] = [['fd00:ec2::', 32]];

/** RFC 6052: an IPv6 network reaches the IPv4 address that is written behind it. */
const NAT64 = '64:ff9b::';

/** What is allocated to anybody (RFC 4291, 2.4), and the way to IPv4. All the rest of IPv6 is special or to come. */
const GLOBAL_V6: readonly Range[] = [
  ['2000::', 3],
  [NAT64, 96],
];

/** IANA IPv6 Special-Purpose Address Registry inside GLOBAL_V6: Teredo and its sisters, documentation, 6to4, AS112. */
const SPECIAL_V6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
  ...SPECIAL_V4.map(([network, prefix]): Range => [`${NAT64}${network}`, 96 + prefix]),
];

// A list for each family: Node lets an IPv4 rule match the IPv4-mapped form too, which is closed here as a whole.
const specialV4 = listOf('ipv4', SPECIAL_V4);
const privateV4 = listOf('ipv4', PRIVATE_V4);
const credentialsV4 = listOf('ipv4', CREDENTIALS_V4);
const globalV6 = listOf('ipv6', GLOBAL_V6);
const specialV6 = listOf('ipv6', SPECIAL_V6);
const privateV6 = listOf('ipv6', PRIVATE_V6);
const credentialsV6 = listOf('ipv6', CREDENTIALS_V6);

/** Whose an address is, in the form a resolver gives it: `192.0.2.1`, `2001:db8::1`. What is no address is closed. */
export function addressReach(address: string): AddressReach {
  if (isIPv4(address)) {
    if (!specialV4.check(address, 'ipv4')) return 'public';
    return privateV4.check(address, 'ipv4') && !credentialsV4.check(address, 'ipv4') ? 'private' : 'closed';
  }
  // An address with a zone (`fe80::1%eth0`) is of one link.
  if (!isIPv6(address) || address.includes('%')) return 'closed';
  if (globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')) return 'public';
  return privateV6.check(address, 'ipv6') && !credentialsV6.check(address, 'ipv6') ? 'private' : 'closed';
}

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}

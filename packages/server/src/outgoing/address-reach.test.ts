import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressReach } from './address-reach.ts';

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4007::1',
  '64:ff9b::101:101',
])('G14: %s is anybody’s', (address) => {
  expect(addressReach(address)).toBe('public');
});

test.each([
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.255',
  '172.31.255.255',
  '192.168.1.1',
  '::1',
  'fd12::1',
])('G14: %s is of a private network', (address) => {
  expect(addressReach(address)).toBe('private');
});

test.each([
  ['0.0.0.0', 'this machine, on some systems'],
  ['169.254.169.254', 'credentials of a cloud’s machine'],
  ['100.100.100.200', 'credentials of a cloud’s machine'],
  ['192.0.0.192', 'credentials of a cloud’s machine'],
  ['168.63.129.16', 'a cloud’s platform'],
  ['fd00:ec2::254', 'credentials of a cloud’s machine'],
  ['198.18.0.1', 'benchmarks'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['::ffff:127.0.0.1', 'IPv4-mapped'],
  ['::ffff:1.1.1.1', 'IPv4-mapped'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback'],
  ['64:ff9b::10.0.0.1', 'NAT64 of a private network'],
  ['64:ff9b:1::1', 'NAT64 of one’s own'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['2001:0:7f00:1::', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['3fff::1', 'documentation'],
  ['5f00::1', 'segment routing'],
  ['fe80::1', 'link-local'],
  ['fe80::1%lo', 'link-local with a zone'],
  ['ff02::1', 'multicast'],
  ['127.1', 'no address of a resolver'],
  ['localhost', 'no address'],
  ['', 'no address'],
])('G14: %s is closed: %s', (address) => {
  expect(addressReach(address)).toBe('closed');
});

test('G14: an IPv4 address behind NAT64 is public exactly when it is so itself', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(addressReach(`64:ff9b::${address}`)).toBe(addressReach(address) === 'public' ? 'public' : 'closed');
    }),
  );
});

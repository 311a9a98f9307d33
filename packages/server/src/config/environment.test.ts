import { expect, test } from 'vitest';
import { readEnvironment } from './environment.ts';

test('G14: no private host is reached unless one is named', () => {
  expect([...readEnvironment({}, '/').outgoingPrivateHosts]).toEqual([]);
  const named = readEnvironment({ FILROUGE_OUTGOING_PRIVATE_HOSTS: 'crm.lan:8069' }, '/').outgoingPrivateHosts;
  expect([...named].map(([host, ports]) => [host, [...ports]])).toEqual([['crm.lan', [8069]]]);
});

test('G14: a range or a star is no host, and start-up says so', () => {
  expect(() => readEnvironment({ FILROUGE_OUTGOING_PRIVATE_HOSTS: 'crm.lan,10.0.0.0/8' }, '/')).toThrow(
    'FILROUGE_OUTGOING_PRIVATE_HOSTS: "10.0.0.0/8" is no host; write them as crm.lan,10.0.0.7:9000.',
  );
});

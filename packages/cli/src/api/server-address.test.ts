import { expect, test } from 'vitest';
import { serverAddress } from './server-address.ts';

test.each([
  [undefined, {}, 'http://127.0.0.1:4400'],
  [undefined, { FILROUGE_PORT: '4500', FILROUGE_HOST: '0.0.0.0' }, 'http://127.0.0.1:4500'],
  [undefined, { FILROUGE_HOST: '::1' }, 'http://[::1]:4400'],
  [undefined, { FILROUGE_URL: 'https://cdp.example/', FILROUGE_PORT: '1' }, 'https://cdp.example'],
  ['http://other:1/base/', { FILROUGE_URL: 'https://cdp.example' }, 'http://other:1/base'],
])('%s in %j is %s', (named, environment, url) => {
  expect(serverAddress(named, environment)).toBe(url);
});

test.each(['ftp://x', 'localhost:4400', ''])('%j is no address', (named) => {
  expect(() => serverAddress(named, {})).toThrow('is no address of a server');
});

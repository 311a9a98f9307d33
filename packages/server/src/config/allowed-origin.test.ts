import { expect, test } from 'vitest';
import { allowedOrigin } from './allowed-origin.ts';

test.each([
  'https://www.my-brand.example',
  'http://localhost:4400',
  'https://xn--bcher-kva.example',
  'capacitor://localhost',
  'null',
])('%s is an origin as browsers send it', (text) => {
  expect(allowedOrigin.parse(text)).toBe(text);
});

test.each([
  ['www.my-brand.example/', 'https://www.my-brand.example'],
  ['www.my-brand.example', 'https://www.my-brand.example'],
  ['https://www.my-brand.example/', 'https://www.my-brand.example'],
  ['https://www.my-brand.example/shop', 'https://www.my-brand.example'],
  ['https://www.my-brand.example:443', 'https://www.my-brand.example'],
  ['HTTPS://WWW.My-Brand.example', 'https://www.my-brand.example'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
])('%s could never match: %s is proposed', (text, meant) => {
  expect(allowedOrigin.safeParse(text).error?.issues[0]?.message).toContain(`write '${meant}'`);
});

test.each(['*', 'https://*.my-brand.example', '', 'https://'])('%j is no origin at all', (text) => {
  expect(allowedOrigin.safeParse(text).error?.issues[0]?.message).toMatch(/^no origin .* scheme:\/\/host/);
});

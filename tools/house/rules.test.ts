import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';
import { badHouseFixture } from '../guards/bad-house.ts';
import { HOUSE_RULES, type HouseRule } from './rules.ts';
import { codeOf, readSources, type SourceFile } from './source-files.ts';

const ours = readSources(root);
const planted = readSources(badHouseFixture);
const broken = (rule: HouseRule, files: readonly SourceFile[]) => files.filter(rule.breaks).map((file) => file.path);

test('the house rules look at the whole house', () => {
  expect(ours.length).toBeGreaterThan(100);
  expect(ours.map((file) => file.path)).toContain('tools/house/rules.test.ts');
});

test.each(HOUSE_RULES)('$title', (rule) => {
  expect(broken(rule, ours)).toEqual([]);
});

test('each house rule finds the fault planted for it', () => {
  const long: SourceFile = { path: 'packages/wire/src/long.ts', text: 'export const a = 1;\n'.repeat(401) };
  const counted: SourceFile = { path: 'packages/wire/src/counted.ts', text: 'export enum Kind {\n  a,\n}\n' };
  const peeking: SourceFile = { path: 'packages/cli/src/peek.ts', text: "readFile(join(folder, 'truth.json'));\n" };
  const found = HOUSE_RULES.map((rule) => broken(rule, [...planted, long, counted, peeking]));
  expect(found).toEqual([
    ['packages/domain/src/base/utils.ts'],
    ['packages/domain/src/base/everything.ts'],
    ['packages/pipeline/src/mints.ts'],
    ['packages/domain/src/clock/today.ts'],
    ['packages/wire/src/long.ts'],
    ['packages/wire/src/counted.ts'],
    ['packages/cli/src/peek.ts'],
    ['packages/server/src/calls-out.ts'],
  ]);
});

test('a rule reads code, not prose', () => {
  const prose =
    "// never as Permitted\n/* export * from */\nconst url = 'https://a.example//as Permitted'; // new Date()\n";
  expect(codeOf({ path: 'a.ts', text: prose }).trim()).toBe("const url = '';");
});

test.each([
  ["import { request } from 'node:https';", true],
  ["import { createServer, request } from 'node:http';", true],
  ["import {\n  connect,\n} from 'node:net';", true],
  ["import * as net from 'node:net';", true],
  ["const tls = await import('node:tls');", true],
  ["const net = process.getBuiltinModule('node:net');", true],
  ["import { Agent } from 'undici';", true],
  ["import { lookup } from 'node:dns/promises';", true],
  ["await fetch('https://partner.example');", true],
  ['const ask = globalThis.fetch;', true],
  ["new WebSocket('wss://partner.example');", true],
  ['createRemoteJWKSet(url);', true],
  ["import { createServer } from 'node:http';", false],
  ["import { type AddressInfo, createServer } from 'node:net';", false],
  ["import type { IncomingMessage } from 'node:http';", false],
  ["const form = { fetch: 'none' }; // fetch() of a page", false],
  ['await safeFetch({ url });', false],
])('G14: whether %j calls out: %s', (text, callsOut) => {
  const rule = HOUSE_RULES.find(({ title }) => title.startsWith('G14'));
  expect(rule?.breaks({ path: 'packages/server/src/sends.ts', text })).toBe(callsOut);
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FIRST_CONFIG } from './first-config.ts';

type Config = { readonly notices: readonly { id: string; version: string; purposes: readonly string[] }[] };
const SAID = /"decisions":(\[[^\]]*\]),\s*"notice":(\{[^}]*\})/g;

test.each(['README.md', 'docs/consent.md'])('R5 what %s asks for is named in the first notices', async (paper) => {
  const source = `data:text/javascript,${encodeURIComponent(FIRST_CONFIG)}`;
  const { notices } = ((await import(source)) as { readonly default: Config }).default;
  const text = await readFile(new URL(`../../../../${paper}`, import.meta.url), 'utf8');
  const told = [...text.matchAll(SAID)].map(([, decisions = '', notice = '']) => {
    const { id, version } = JSON.parse(notice) as { id: string; version: string };
    const shown = notices.find((one) => one.id === id && one.version === version);
    const asked = (JSON.parse(decisions) as { purpose: string }[]).map(({ purpose }) => purpose);
    return { id, missing: asked.filter((purpose) => shown?.purposes.includes(purpose) !== true) };
  });
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ missing }) => missing.length > 0)).toEqual([]);
});

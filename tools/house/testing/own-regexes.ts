import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';
import { readSources } from '../source-files.ts';

/** A regular expression of ours, and a file in which it stands. */
export type OwnRegex = { readonly pattern: string; readonly flags: string; readonly place: string };

/** Every regular expression that stands in what we ship, each once. Those that are put together while it runs are not seen. */
export function ownRegexes(): readonly OwnRegex[] {
  const found = new Map<string, OwnRegex>();
  for (const { path, text } of readSources(fileURLToPath(new URL('../../..', import.meta.url)))) {
    if (!path.startsWith('packages/') || /\.test\.ts$|\/testing\/|\.mjs$|^packages\/simulator\//.test(path)) continue;
    for (const { pattern, flags } of literalsIn(parseSync(text, { syntax: 'typescript', target: 'es2024' }))) {
      found.set(`/${pattern}/${flags}`, { pattern, flags, place: path });
    }
  }
  return [...found.values()];
}

type Literal = { readonly pattern: string; readonly flags: string };

function literalsIn(value: unknown): readonly Literal[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && value.type === 'RegExpLiteral' ? [value as unknown as Literal] : [];
  return [...own, ...Object.values(value).flatMap(literalsIn)];
}

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of ours: its path from the root with slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

const AWAY = ['node_modules', 'dist', 'fixtures', 'coverage'];

/** The code under `packages`, `tools` and `bench` of `root`, in a stable order; installed, built and planted files are not ours. */
export function readSources(root: string): readonly SourceFile[] {
  return ['packages', 'tools', 'bench']
    .flatMap((folder) => walk(root, folder))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(root: string, folder: string): readonly SourceFile[] {
  return entries(path.join(root, folder)).flatMap((entry): readonly SourceFile[] => {
    const relative = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return AWAY.includes(entry.name) ? [] : walk(root, relative);
    if (!/\.(ts|mts|mjs)$/.test(entry.name)) return [];
    return [{ path: relative, text: readFileSync(path.join(root, relative), 'utf8') }];
  });
}

/** What a folder holds; a room that does not exist yet holds nothing. */
function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

const PROSE = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

/** The text of the code alone: comments dropped and plain strings emptied, so that a rule reads no prose. */
export function codeOf(file: SourceFile): string {
  return file.text.replace(PROSE, (piece) => (piece.startsWith('/') ? '' : "''"));
}

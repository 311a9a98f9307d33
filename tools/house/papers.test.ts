import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Paths of ours that a paper names in `code`, e.g. `packages/wire/src/index.ts` or `tools/`. */
function pathsIn(text: string): readonly string[] {
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
  return named.filter((name) => /^(packages|tools|bench|docs|apps|\.ci)\/[\w./-]*$/.test(name));
}

const missing = (paths: readonly string[]) => paths.filter((each) => !existsSync(path.join(root, each)));

describe('papers tell the truth about the house', () => {
  test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'])('every path that %s names exists', (paper) => {
    const paths = pathsIn(read(paper));
    expect(paths.length).toBeGreaterThan(paper === 'ARCHITECTURE.md' ? 15 : 0);
    expect(missing(paths)).toEqual([]);
  });

  test('README.md names every variable that the product reads', () => {
    const sources = globSync('packages/{server,cli}/src/**/*.ts', { cwd: root }).filter((file) => !/test/.test(file));
    const named = sources.flatMap((file) =>
      [...read(file).matchAll(/'(FILROUGE_[A-Z_]+)'/g)].map(([, name = '']) => name),
    );
    const names = [...new Set(named)].sort();
    expect(names).toContain('FILROUGE_PORT');
    expect(names.filter((name) => name !== 'FILROUGE_NATS_URL' && !read('README.md').includes(name))).toEqual([]);
  });

  test('nothing that is read here speaks of where its work was planned', () => {
    const papers = globSync(['*.md', 'docs/**/*.md', '{packages,bench,tools}/**/*.ts'], {
      cwd: root,
      exclude: (file) => /node_modules|dist/.test(String(file)),
    });
    expect(papers.length).toBeGreaterThan(500);
    expect(papers.filter((file) => /\b[Ii]ssue [A-Z]\d?\b/.test(read(file)))).toEqual([]);
  });

  test('ARCHITECTURE.md names every room', () => {
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: readonly string[] };
    const named = pathsIn(read('ARCHITECTURE.md')).map((each) => each.replace(/\/$/, ''));
    expect(workspaces.filter((room) => !named.includes(room))).toEqual([]);
  });
});

describe('decisions are held', () => {
  const decisions = readdirSync(path.join(root, 'docs/decisions')).sort();

  test('each is one file, numbered once', () => {
    expect(decisions.length).toBeGreaterThanOrEqual(5);
    expect(decisions.filter((file) => !/^\d{4}-[a-z0-9-]+\.md$/.test(file))).toEqual([]);
    expect(new Set(decisions.map((file) => file.slice(0, 4))).size).toBe(decisions.length);
  });

  test.each(decisions)('%s says context, decision, and the check that holds it', (file) => {
    const text = read(`docs/decisions/${file}`);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(expect.arrayContaining(['Context', 'Decision', 'Check']));
    const checks = pathsIn(text.slice(text.indexOf('## Check')));
    expect(checks.length).toBeGreaterThan(0);
    expect(missing(pathsIn(text))).toEqual([]);
  });
});

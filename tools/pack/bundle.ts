import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { relocate } from './relocate.ts';

/** What went into the package: paths from the root. */
export type Bundle = {
  /** Files that Node starts: the command itself, and what it runs in processes or threads of their own. */
  readonly programs: readonly string[];
  readonly sources: readonly string[];
  /** npm package imported -> the sources that import it. */
  readonly imported: ReadonlyMap<string, readonly string[]>;
};

const COMMAND = 'packages/cli/src/main.ts';

/**
 * Builds the command of the checkout `root` and every program it starts by URL into the folder `outdir`, all files side
 * by side; our rooms are bundled, npm packages stay imports. A program found in a source is a program to build, so it
 * goes round until no new one turns up.
 */
export async function bundle(root: string, outdir: string): Promise<Bundle> {
  let programs: readonly string[] = [COMMAND];
  for (;;) {
    const round = await buildOnce(root, outdir, programs);
    const grown = [...new Set([...programs, ...round.started])].sort();
    if (grown.length === programs.length) return { programs, sources: round.sources, imported: round.imported };
    programs = grown;
  }
}

async function buildOnce(root: string, outdir: string, programs: readonly string[]) {
  const started = new Set<string>();
  const imported = new Map<string, string[]>();
  const result = await build({
    absWorkingDir: root,
    entryPoints: programs.map((file) => ({ in: file, out: programName(file) })),
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    metafile: true,
    logLevel: 'warning',
    plugins: [keepPackages(root, imported), keepPlaces(root, started)],
  });
  const sources = Object.keys(result.metafile.inputs);
  const foreign = sources.filter((source) => source.includes('node_modules'));
  if (foreign.length > 0) throw new Error(`npm packages must stay imports, but were bundled: ${foreign.join(', ')}`);
  return { started, imported, sources };
}

/** The built name of a program, without `.js`; the command itself is `main`, which its launcher looks for. */
function programName(file: string): string {
  if (file === COMMAND) return 'main';
  return file
    .replace(/^packages\//, '')
    .replace('/src/', '/')
    .replace(/\.ts$/, '')
    .replaceAll('/', '-');
}

/** npm packages are installed beside the command, not built into it. */
function keepPackages(root: string, imported: Map<string, string[]>): Plugin {
  return {
    name: 'keep-packages',
    setup(setup) {
      setup.onResolve({ filter: /^[^./]/ }, ({ path: name, importer, kind }) => {
        if (kind === 'entry-point' || name.startsWith('@filrouge/') || name.startsWith('node:')) return undefined;
        const packageName = /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
        imported.set(packageName, [...(imported.get(packageName) ?? []), path.relative(root, importer)]);
        return { path: name, external: true };
      });
    },
  };
}

/** A built file is somewhere else than its source was: what it finds by its own place must still be found. */
function keepPlaces(root: string, started: Set<string>): Plugin {
  return {
    name: 'keep-places',
    setup(setup) {
      setup.onLoad({ filter: /\/packages\/.*\.ts$/ }, async ({ path: file }) => {
        const source = path.relative(root, file);
        const relocated = relocate(source, await readFile(file, 'utf8'), programName);
        for (const program of relocated.programs) started.add(program);
        return { contents: relocated.text, loader: 'ts' };
      });
    },
  };
}

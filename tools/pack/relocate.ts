import path from 'node:path';

export type Relocated = { readonly text: string; readonly programs: readonly string[] };

const PLACES =
  /new URL\(\s*(['"])(\.{1,2}\/[^'"]+\.ts)\1\s*,\s*import\.meta\.url\s*\)|import\.meta\.(url|dirname|filename)\b/g;

/** A program or an asset whose name is worked out at run time: the build cannot know which one to bring. */
const COMPUTED = /new URL\((?!\s*(['"])[^'"]*\1\s*,)(?:(?!new URL\()[^;])*?,\s*import\.meta\.url\s*\)/;

/**
 * Rewrites what a source finds by its own place, so that it finds it from one flat folder of built files:
 * - `new URL('./child.ts', import.meta.url)` starts a program, which is built under the name `nameOf` gives it;
 * - any other `import.meta.url`, `.dirname` or `.filename` is the place the source had, below the built files, where
 *   the assets are laid out as they were (tools/pack/stage.ts).
 * `source` is the path from the root, e.g. `packages/cli/src/main.ts`. Throws where a place is computed.
 */
export function relocate(source: string, text: string, nameOf: (program: string) => string): Relocated {
  const computed = COMPUTED.exec(text);
  if (computed !== null) {
    throw new Error(`${source}: ${computed[0]} is computed; write new URL('./name.ts', import.meta.url) in full`);
  }
  const folder = path.posix.dirname(source);
  const programs: string[] = [];
  const relocated = text.replace(PLACES, (_whole, _quote, program: string | undefined, place: string | undefined) => {
    if (program !== undefined) {
      const file = path.posix.join(folder, program);
      programs.push(file);
      return `new URL('./${nameOf(file)}.js', import.meta.url)`;
    }
    if (place === 'url') return `new URL('./${source}', import.meta.url).href`;
    return `(import.meta.dirname + '/${place === 'dirname' ? folder : source}')`;
  });
  return { text: relocated, programs };
}

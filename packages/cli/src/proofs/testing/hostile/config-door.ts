import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filrouge } from '../../../testing/run-filrouge.ts';
import { HOSTILE_CONFIG } from './place.ts';
import type { Tally } from './tally.ts';

/** Each text in a place of the configuration: it is taken, or refused in a sentence; each another place. */
export async function playConfig(
  directory: string,
  texts: readonly string[],
  tally: Tally,
  shown: (said: string) => void,
) {
  const places = placesOf(HOSTILE_CONFIG);
  for (const [at, text] of texts.entries()) {
    const place = places[at % places.length] as readonly string[];
    const name = `hostile-${at}.config.ts`;
    await writeFile(
      join(directory, name),
      `export default ${JSON.stringify(withText(HOSTILE_CONFIG, place, text))};\n`,
    );
    for (const argv of [
      ['config', 'check'],
      ['config', 'print'],
    ]) {
      const { exitCode, stdout, stderr } = await filrouge(argv, { directory, environment: { FILROUGE_CONFIG: name } });
      shown(stdout);
      shown(stderr);
      const isTold =
        exitCode === 0 || (exitCode === 1 && stderr.startsWith('filrouge: ') && !stderr.includes('fault of filrouge'));
      if (!isTold)
        tally.blame(`config /${place.join('/')}`, `${JSON.stringify(text.slice(0, 100))} ${exitCode} ${stderr}`);
      else tally.add(exitCode === 0 ? 'taken' : 'refused');
    }
  }
}

function placesOf(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? [[]] : [];
  return Object.entries(value).flatMap(([key, inner]) => placesOf(inner).map((place) => [key, ...place]));
}

function withText(value: unknown, [step, ...rest]: readonly string[], text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === step ? withText(each, rest, text) : each));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [step]: withText(object[step], rest, text) };
}

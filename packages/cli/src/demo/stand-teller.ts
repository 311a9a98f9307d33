import type { ApiClient } from '../api/api-client.ts';
import { type Flow, flowOf } from '../api/flow.ts';
import type { Language } from '../words/figures.ts';
import { type DemoWords, standLine } from './demo-words.ts';

/** Looks at the books of the running server and says where they stand. */
export type StandTeller = {
  /** Says it now. */
  readonly tell: () => Promise<void>;
  /** Says it every so often until the function it answers is called. */
  readonly tellEvery: (ms: number) => () => void;
};

export type StandSources = {
  readonly client: ApiClient;
  readonly persons: () => Promise<number>;
  readonly now: () => number;
};

/** Lines under a head that stays in sight. */
const LINES_PER_HEAD = 15;

export function createStandTeller(
  sources: StandSources,
  { words, language }: { readonly words: Pick<DemoWords, 'standHead'>; readonly language: Language },
  say: (line: string) => void,
): StandTeller {
  let lines = 0;
  let before: { readonly at: number; readonly handled: number } | undefined;
  const tell = async (): Promise<void> => {
    const [flow, persons] = [flowOf(await sources.client.call('GET', '/api/flow')), await sources.persons()];
    const at = sources.now();
    const handled = handledIn(flow);
    const perSecond =
      before === undefined || at <= before.at ? 0 : ((handled - before.handled) / (at - before.at)) * 1_000;
    before = { at, handled };
    if (lines % LINES_PER_HEAD === 0) say(words.standHead);
    lines += 1;
    say(standLine({ flow, persons, perSecond }, language));
  };
  return {
    tell,
    tellEvery(ms) {
      let busy = false;
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        // A look that fails, e.g. while the server stops, is not worth ending the demo for: the next one tells.
        tell()
          .catch(() => undefined)
          .finally(() => {
            busy = false;
          });
      }, ms);
      return () => clearInterval(timer);
    },
  };
}

function handledIn({ accepted, duplicates, refused }: Flow): number {
  return accepted + duplicates + refused;
}

import { DAY_MS } from '@filrouge/domain/base';
import type { Episode, Purchase } from './episode.ts';
import { Random, streamOf } from './random.ts';
import type { World } from './world.ts';

const ANSWER_STREAM = streamOf('answer');
/** Tills ask one buyer in fifteen, drawn by the till itself: "In the last seven days, did you look at our site or app?" */
const ASKED_SHARE = 1 / 15;
/** Who does not wish to answer is not written down. */
const ANSWERS_SHARE = 0.9;
const FORGETS_SHARE = 0.04;
const CONFUSES_SHARE = 0.015;

/** What buyers say at the till of their visits: mostly the truth. Episodes by time; their own chance, so that nothing else moves. */
export function planAnswers(world: World, index: number, episodes: readonly Episode[]): void {
  for (const episode of episodes) {
    if (episode.kind !== 'purchase') continue;
    const random = new Random(world.seed, ANSWER_STREAM, index, episode.key);
    const [asked, answers, error] = [random.next(), random.next(), random.next()];
    if (asked >= ASKED_SHARE || answers >= ANSWERS_SHARE) continue;
    const visited = hasVisited(episodes, episode);
    const wrong = error < (visited ? FORGETS_SHARE : CONFUSES_SHARE);
    episode.answer = visited === wrong ? 'no' : 'yes';
  }
}

function hasVisited(episodes: readonly Episode[], { at, relation }: Purchase): boolean {
  return episodes.some((one) => {
    const visit = one.kind === 'visit' || one.kind === 'family';
    return visit && one.relation === relation && one.at < at && one.at >= at - 7 * DAY_MS;
  });
}

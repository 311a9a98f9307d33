import { DAY_MS } from '@filrouge/domain/base';
import type { Episode, Exposure, Plan } from './episode.ts';
import { planAnswers } from './plan-answers.ts';
import { planCampaigns } from './plan-campaigns.ts';
import { planDeviceDecisions, planPersonDecisions } from './plan-consents.ts';
import { planOnline } from './plan-online.ts';
import { planStore } from './plan-store.ts';
import { Random, streamOf } from './random.ts';
import { type Relation, type Shopper, shopperOf, skewOf, terminalOf } from './shopper.ts';
import { lastBegun, lastStart, onlineMoment, type World, yearsOf } from './world.ts';

const PLAN_STREAM = streamOf('plan');
const TABLET_STREAM = streamOf('tablet');
const CRAWLER_STREAM = streamOf('crawler');
const FAMILY_EVENINGS_PER_YEAR = 5;
/** With one shopper in forty comes a crawler on that shopper's main brand, so that bots too are independent of the number of shoppers. */
const CRAWLER_SHARE = 1 / 40;
const CRAWLS_PER_YEAR = 8;
const EVER = 8.64e15;

/**
 * Everything that happens around shopper k between the start and the end, by time. A pure function of the world and k;
 * some 30 microseconds for a year, which is why nothing is kept: whoever needs it makes it again. What is planned for
 * after `until` is left out at the end, so that an hour later the same has happened, and an hour more of it.
 */
export function planOf(world: World, index: number): Plan {
  const shopper = shopperOf(world, index);
  const planned: Episode[] = [];
  const exposures: Exposure[] = [];
  for (const relation of shopper.relations) {
    const random = new Random(world.seed, PLAN_STREAM, index, relation.brand === 'aubrac' ? 0 : 1);
    planPersonDecisions(world, relation, random.fork(), planned);
    planStore(world, shopper, relation, random.fork(), planned);
    planOnline(world, shopper, relation, random.fork(), planned);
    exposures.push(...planCampaigns(world, shopper, relation, planned));
  }
  planEvenings(world, shopper, planned);
  planCrawls(world, shopper, planned);
  const over = lastBegun(world);
  const episodes = planned.filter(({ at }) => at < over).sort((a, b) => a.at - b.at);
  planDeviceDecisions(world, index, episodes);
  planAnswers(world, index, episodes);
  return { shopper, episodes, exposures };
}

/** The shared tablet: its evenings stand in the plan of the household's first member. */
function planEvenings(world: World, shopper: Shopper, out: Episode[]): void {
  const { household } = shopper;
  if (household === undefined || shopper.index % 2 === 1) return;
  const partner = shopperOf(world, household.partner);
  const both = sharedRelation(shopper, partner);
  if (both === undefined) return;
  const [relation, partnerRelation] = both;
  const random = new Random(world.seed, TABLET_STREAM, shopper.index);
  const terminal = terminalOf(random, 'family-tablet', 'web', skewOf(random), random.chance(0.7) ? 'all' : 'refuse', [
    -EVER,
    EVER,
  ]);
  const from = Math.max(world.start, relation.account?.createdAt ?? 0, partnerRelation.account?.createdAt ?? 0);
  const mean = (FAMILY_EVENINGS_PER_YEAR * (world.end - from)) / (365 * DAY_MS);
  for (let evenings = random.fork().poisson(mean); evenings > 0; evenings--) {
    const own = random.fork();
    const at = onlineMoment(own, from, lastStart(world));
    if (at > from) out.push({ kind: 'family', key: own.uint32(), at, relation, terminal, partner, partnerRelation });
  }
}

/** The first brand where both have an account. */
function sharedRelation(one: Shopper, other: Shopper): readonly [Relation, Relation] | undefined {
  for (const relation of one.relations) {
    const partner = other.relations.find((each) => each.brand === relation.brand);
    if (relation.account !== undefined && partner?.account !== undefined) return [relation, partner];
  }
  return undefined;
}

function planCrawls(world: World, shopper: Shopper, out: Episode[]): void {
  const random = new Random(world.seed, CRAWLER_STREAM, shopper.index);
  if (!random.chance(CRAWLER_SHARE)) return;
  const relation = shopper.relations[0] as Relation;
  const attitude = random.chance(0.3) ? 'all' : 'ignore';
  const terminal = terminalOf(random, 'crawler', 'web', 0, attitude, [-EVER, EVER]);
  for (let crawls = random.fork().poisson(CRAWLS_PER_YEAR * yearsOf(world)); crawls > 0; crawls--) {
    const at = Math.floor(world.start + random.next() * (lastStart(world) - world.start));
    out.push({ kind: 'crawl', key: random.uint32(), at, relation, terminal });
  }
}

import { describe, expect, test } from 'vitest';
import { type OwnRegex, ownRegexes } from './testing/own-regexes.ts';
import { attacksOn, isEndless } from './testing/regex-attacks.ts';
import { parseRegex } from './testing/regex-parser.ts';
import { STEPS_MAX, stepsOf } from './testing/regex-steps.ts';

// A pattern that tries each beginning, or each share of a repetition, again and again takes a text of some kilobytes for
// seconds; whoever may send one would stop everybody. Its steps are counted by a matcher that goes JavaScript's way, over
// texts made of the pattern's own parts: twice the text may cost about twice the steps. No clock is asked.

const SHORT = 16;
/** Of a text twice as long. Where each place is tried against all others it is four. */
const GROWTH_MAX = 2.6;
/** Steps below which a text of 32 characters is not worth a look. */
const STEPS_MIN = 250;

/** Patterns that grow faster, and why nobody can send them a long text. */
const BOUNDED: Readonly<Record<string, string>> = {
  '/\\.?0+$/': 'the text of a number',
  '/\\.?\\s*$/': 'typed by whoever waits for it',
  '/\\/+$/': 'typed by whoever waits for it',
  '/\\n+$/': 'an answer of the engine, in which the ends of lines of a query are escaped',
  '/\\s*(?:\\([^()]*\\)|\\[[^[\\]]*\\]|\\b(?:en\\s+)?(?:euros?|eur)\\s*$)/gi': 'names of 256 characters at most',
};

type Growth = { readonly times: number; readonly text: string };

/** How many times the steps of a text are those of one twice as long, at its worst. */
function growthOf({ pattern, flags }: Pick<OwnRegex, 'pattern' | 'flags'>): Growth {
  const tree = parseRegex(pattern);
  let worst: Growth = { times: 0, text: '' };
  if (!isEndless(tree)) return worst;
  const texts = attacksOn(tree, flags, SHORT);
  const longer = attacksOn(tree, flags, 2 * SHORT);
  for (const [at, text] of texts.entries()) {
    const twice = stepsOf(tree, flags, longer[at] as string);
    if (twice < STEPS_MIN) continue;
    const times = twice >= STEPS_MAX ? Infinity : twice / stepsOf(tree, flags, text);
    if (times > GROWTH_MAX) return { times, text };
    if (times > worst.times) worst = { times, text };
  }
  return worst;
}

describe('the count finds what is known to be slow', () => {
  test.each([
    ['^(a+)+$', true],
    ['^(a|a)*$', true],
    ['(\\w+)*@', true],
    ['\\s+$', true],
    ['[^\\s]*@', true],
    ['^ *(\\w+) *: *(.+?) *;$', true],
    ['^[^@]+@[^@]+\\.[^@]+$', true],
    ['(?<=a*)b', true],
    ['^\\s+|x', false],
    ['^[a-z0-9]+([._-][a-z0-9]+)*$', false],
    ['^\\d{4}-\\d\\d-\\d\\d$', false],
    ['[,;]', false],
  ])('/%s/: %j', (pattern, isSlow) => {
    expect(growthOf({ pattern, flags: '' }).times > GROWTH_MAX).toBe(isSlow);
  });
});

test('twice the text costs a pattern of ours about twice the steps, or nobody can send it a long one', () => {
  const own = ownRegexes();
  expect(own.length).toBeGreaterThan(200);
  const slow = own.flatMap((each) => {
    const name = `/${each.pattern}/${each.flags}`;
    const { times, text } = growthOf(each);
    return times <= GROWTH_MAX ? [] : [[name, `${each.place} ${times.toFixed(1)} ${JSON.stringify(text)}`] as const];
  });
  expect(Object.fromEntries(slow.filter(([name]) => !Object.hasOwn(BOUNDED, name)))).toEqual({});
  const names = new Set(slow.map(([name]) => name));
  expect(
    Object.keys(BOUNDED).filter((name) => !names.has(name)),
    'listed, and not slow',
  ).toEqual([]);
}, 120_000);

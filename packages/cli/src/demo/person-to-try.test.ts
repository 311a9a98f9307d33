import { expect, test } from 'vitest';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { personToTry } from './person-to-try.ts';

/** A server that knows of each person the channels of the timeline, or a refusal. */
function server(known: Readonly<Record<string, readonly string[] | string>>) {
  const asked: string[] = [];
  const call = async (_: string, path: string): Promise<unknown> => {
    const person = decodeURIComponent(
      /profiles\/([^/]+)\/events\?brand=b&purpose=store_measurement$/.exec(path)?.[1] ?? '',
    );
    asked.push(person);
    const found = known[person] ?? 'profile-not-found';
    if (typeof found === 'string') throw new CommandFailure(found, 'mend', EXIT.failed, { problem: { code: found } });
    return { items: found.map((channel) => ({ channel })) };
  };
  return { asked, client: { call } };
}

test('of those who may be seen the one through most channels; who refused or is unknown is passed over', async () => {
  const { asked, client } = server({
    'user_id:no': 'purpose-not-permitted',
    'user_id:one': ['web', 'web'],
    'loyalty_card:2 9': ['web', 'store', 'server'],
    'user_id:later': ['web', 'store', 'server', 'app'],
  });
  const candidates = ['user_id:no', 'user_id:nobody', 'user_id:one', 'loyalty_card:2 9', 'user_id:later'];
  expect(await personToTry(client, 'b', candidates)).toBe('loyalty_card:2 9');
  expect(asked).not.toContain('user_id:later');
  expect(await personToTry(client, 'b', ['user_id:no', 'user_id:one'])).toBe('user_id:one');
  expect(await personToTry(client, 'b', ['user_id:no'])).toBeUndefined();
});

test('a server that does not answer is no person that may not be seen', async () => {
  const call = (): Promise<never> => Promise.reject(new CommandFailure('no server answers', 'Start it'));
  await expect(personToTry({ call }, 'b', ['user_id:a'])).rejects.toThrow('no server answers');
});

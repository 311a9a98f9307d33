import { expect } from 'vitest';
import type { Told } from './callers.ts';
import { asked, eventsAddress, found, type OneSourceHouse } from './one-source-house.ts';

type Page = { readonly items: readonly { readonly id: string }[]; readonly next: string | null };
type Profile = { readonly traits: Readonly<Record<string, { readonly value: unknown }>> };
type Standing = { readonly purposes: Readonly<Record<string, { readonly status: string }>> };
type Flow = { readonly pending: number; readonly balanced: boolean; readonly kept: number };

/** What was acknowledged and is not there, what is there more than once, and every other difference in words. */
export type Compared = { readonly lost: number; readonly duplicated: number; readonly faults: readonly string[] };

/**
 * What the callers remember against what the server tells: events, profiles, sums, decisions; then it is stopped, and all
 * of it is rebuilt from the journal.
 */
export async function compareTold(
  house: OneSourceHouse,
  { url, token }: { readonly url: string; readonly token: string },
  users: readonly string[],
  told: Told,
): Promise<Compared> {
  const flowNow = (): Promise<Flow> => asked<Flow>(`${url}/api/flow`, token);
  await expect.poll(async () => (await flowNow()).pending, { timeout: 120_000 }).toBe(0);
  const faults: string[] = [];
  const there: string[] = [];
  for (const user of users) {
    const theirs = await eventsOf(url, token, user);
    there.push(...theirs);
    const orders = theirs.filter((id) => told.sent.get(id)?.amountMinor !== undefined).length;
    faults.push(...(await faultsOfUser(url, token, user, { orders, told })));
  }
  const ids = new Set(there);
  for (const id of ids) if (!told.sent.has(id)) faults.push(`${id} is there and was never sent`);
  const flow = await flowNow();
  if (!flow.balanced || flow.kept !== ids.size) {
    faults.push(`${ids.size} are there, the sums say ${JSON.stringify(flow)}`);
  }
  await house.stop();
  const replayed = await house.run(['replay', '--json']).ended;
  if (replayed.exitCode !== 0) faults.push(`a replay is not the same: ${replayed.stdout} ${replayed.stderr}`);
  const lost = [...told.acknowledged].filter((id) => !ids.has(id)).length;
  return { lost, duplicated: there.length - ids.size, faults };
}

/** All events of somebody, by their message ids; none of whom nothing is known. */
export async function eventsOf(url: string, token: string, user: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const cursor: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const page: Page | undefined = await found<Page>(`${eventsAddress(url, user)}${cursor}`, token);
    ids.push(...(page?.items ?? []).map(({ id }) => id));
    after = page?.next ?? null;
  }
  return ids;
}

/** What one profile counts and how it stands, against what its caller remembers. */
async function faultsOfUser(
  url: string,
  token: string,
  user: string,
  { orders, told }: { readonly orders: number; readonly told: Told },
): Promise<readonly string[]> {
  const address = `${url}/api/profiles/user_id:${user}`;
  const profile = await found<Profile>(`${address}?purpose=profiling&brand=maison`, token);
  const standing = await found<Standing>(`${address}/consents?purpose=profiling&brand=maison`, token);
  const counted = Number(profile?.traits['purchase_count']?.value ?? 0);
  const status = standing?.purposes['email_marketing']?.status ?? 'unknown';
  const decided = told.decided.get(user);
  return [
    ...(counted === orders ? [] : [`${user}: ${orders} orders are there, the profile counts ${counted}`]),
    ...(decided?.acknowledged === true && status !== decided.status
      ? [`${user} said ${decided.status} to e-mails and stands as ${status}`]
      : []),
  ];
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OldHouse, oldHouses, openOldHouse } from '../testing/upgrade/old-house.ts';

describe.each(await oldHouses())('a data directory of an earlier version: %s', (name) => {
  let old: OldHouse;
  beforeAll(async () => {
    old = await openOldHouse(name);
  });
  afterAll(() => old?.remove());

  async function done(...argv: readonly string[]): Promise<object> {
    const said = await old.run(...argv);
    expect(said, said.stderr).toMatchObject({ exitCode: 0 });
    return JSON.parse(said.stdout) as object;
  }

  test('it is backed up while it works, and a replay by this version builds what the earlier one had', async () => {
    await done('backup', 'backup', '--keys', 'key-copy');
    expect(await done('backup', 'verify', 'backup')).toMatchObject({ whole: true });
    expect(await old.stop()).toMatchObject({ exitCode: 0 });
    expect(await done('replay')).toMatchObject({ equal: true });
    expect(await done('verify')).toMatchObject({ balanced: true });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeVault } from '@filrouge/ports/testing';
import { afterAll } from 'vitest';
import { type OpenedVault, openVault } from './vault.ts';

const places: string[] = [];
const opened: OpenedVault[] = [];

afterAll(() => {
  for (const vault of opened) vault.close();
  for (const place of places) rmSync(place, { recursive: true });
});

describeVault('vault on libsodium', async () => {
  const place = mkdtempSync(join(tmpdir(), 'vault-'));
  places.push(place);
  const vault = await openVault({ masterKeyFile: join(place, 'master.key'), keyDirectory: join(place, 'keys') });
  opened.push(vault);
  return vault.vault;
});

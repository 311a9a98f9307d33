import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenedVault, openVault, type VaultSettings } from '../vault.ts';

/** An empty folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vault-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Where a vault of this test keeps its master key and its key files. */
export function temporarySettings(): VaultSettings {
  const folder = temporaryFolder();
  return {
    masterKeyFile: join(folder, 'secret', 'master.key'),
    keyDirectory: join(folder, 'keys'),
    keysInMemoryMax: 64,
  };
}

/** Opens a vault that is closed when the test ends. */
export async function openForTest(settings: VaultSettings): Promise<OpenedVault> {
  const opened = await openVault(settings);
  onTestFinished(() => opened.close());
  return opened;
}

/** Every file of a folder, by name. */
export function filesIn(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** Whether bytes appear anywhere: as they are, in hexadecimal, or in base64 at any alignment. */
export function appearsIn(secret: Buffer, place: Buffer | string): boolean {
  const bytes = Buffer.from(place);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), secret])
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(4, -4);
  });
  const forms = [secret, secret.toString('hex'), secret.toString('hex').toUpperCase(), ...base64];
  return forms.some((form) => bytes.includes(form));
}

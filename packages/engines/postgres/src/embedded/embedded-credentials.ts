import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@filrouge/ports';

/** Passwords of the two roles: the superuser administers, the application owns its database and nothing else. */
export interface EmbeddedCredentials {
  readonly superuser: string;
  readonly application: string;
}

export const SUPERUSER = 'postgres';
export const APPLICATION_ROLE = 'filrouge';
export const APPLICATION_DATABASE = 'filrouge';

const FILE = 'credentials.json';

/** The stored passwords; undefined where none were made yet. Throws `EngineError` when the file is damaged. */
export async function readCredentials(dataDir: string): Promise<EmbeddedCredentials | undefined> {
  const path = join(dataDir, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new EngineError('other', `cannot read the database passwords in ${path}: check who owns the file`);
  }
  try {
    const { superuser, application } = JSON.parse(text) as Record<string, unknown>;
    if (typeof superuser === 'string' && typeof application === 'string') return { superuser, application };
  } catch {}
  throw new EngineError('other', `${path} is damaged: restore it from a backup of the data directory`);
}

/** Makes two random passwords and stores them, 0600 and fsynced, before any cluster depends on them. */
export async function createCredentials(dataDir: string): Promise<EmbeddedCredentials> {
  const credentials: EmbeddedCredentials = { superuser: randomPassword(), application: randomPassword() };
  const path = join(dataDir, FILE);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return credentials;
}

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

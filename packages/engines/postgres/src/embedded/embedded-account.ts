import { stat } from 'node:fs/promises';
import { EngineError } from '@filrouge/ports';

/** The operating system account the server runs under when it is not our own. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. This account exists on every system and needs no entry in /etc/passwd. */
const NOBODY: ServerAccount = { uid: 65_534, gid: 65_534 };

/**
 * Which account the server of this cluster directory runs under; undefined: ours.
 * As root it is the owner of an existing cluster (one made earlier by a normal user stays theirs), else 65534.
 * Throws `EngineError` when the cluster belongs to somebody we cannot become.
 */
export async function serverAccountFor(clusterDir: string): Promise<ServerAccount | undefined> {
  const ownUid = process.getuid?.();
  if (ownUid === undefined) return undefined;
  const owner = await stat(clusterDir).catch(() => undefined);
  if (ownUid === 0) {
    return owner === undefined || owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid };
  }
  if (owner !== undefined && owner.uid !== ownUid) {
    throw new EngineError(
      'other',
      `the database in ${clusterDir} belongs to uid ${owner.uid} and this process runs as uid ${ownUid}: ` +
        `start Filrouge as root or as that user, or give the files to yours (chown -R ${ownUid} on the directory, while nothing runs)`,
    );
  }
  return undefined;
}

/**
 * Whether `account` can enter every directory above and including `path`, by mode bits.
 * An access control list may say otherwise: callers keep a way out for a wrong answer.
 */
export async function canEnter(path: string, account: ServerAccount): Promise<boolean> {
  const parts = path.split('/').filter((part) => part !== '');
  for (let depth = 0; depth <= parts.length; depth += 1) {
    const found = await stat(`/${parts.slice(0, depth).join('/')}`).catch(() => undefined);
    if (found === undefined) return false;
    const bit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
    if ((found.mode & bit) === 0) return false;
  }
  return true;
}

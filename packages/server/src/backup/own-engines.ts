import type { Environment } from '../config/environment.ts';
import { BackupRefused } from './backup-refused.ts';

/** Refuses where an engine is not ours to copy. */
export function demandEmbedded(
  { postgresUrl, clickhouseUrl }: Pick<Environment, 'postgresUrl' | 'clickhouseUrl'>,
  what: 'backup' | 'restore',
): void {
  const [named] = [
    postgresUrl === undefined ? [] : ['FILROUGE_POSTGRES_URL'],
    clickhouseUrl === undefined ? [] : ['FILROUGE_CLICKHOUSE_URL'],
  ].flat();
  if (named === undefined) return;
  throw new BackupRefused(
    'usage',
    `${named} is set: filrouge ${what} is for the embedded engines`,
    'Use the backup of your own database (pg_basebackup, BACKUP of ClickHouse), and keep the folder keys of the data directory and the master key apart from it',
  );
}

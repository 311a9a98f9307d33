import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupSink, EngineError } from '@filrouge/ports';
import pg from 'pg';
import type { PostgresConnection } from '../connection.ts';
import { toEngineError } from '../to-engine-error.ts';
import { type ClusterFiles, CONTROL_FILE, listClusterFiles } from './cluster-files.ts';
import { clusterDirOf } from './embedded-cluster.ts';
import { APPLICATION_DATABASE, readCredentials, SUPERUSER } from './embedded-credentials.ts';
import { startEmbeddedPostgres } from './embedded-server.ts';
import { hasCode } from './has-code.ts';
import { logSegments, parseBackupLabel } from './log-segments.ts';
import { findPostmaster } from './postmaster.ts';

/** Where journal and ledger stand, and what of the journal only snapshots tell. */
export type BooksAt = {
  readonly journalPosition: number;
  readonly ledgerPosition: number;
  /** Journal rows up to here may be gone (S17). */
  readonly prunedUpTo: number;
  /** Number of the last migration. */
  readonly migrations: number;
  /** Moves when an import was undone; undefined while one is being undone. */
  readonly takenBack: number | undefined;
};

export type CopiedCluster = {
  readonly version: string;
  /** The copy holds everything up to the first, and nothing after the second. */
  readonly before: BooksAt;
  readonly after: BooksAt;
  readonly startedAt: string;
  readonly stoppedAt: string;
};

export type CopyClusterOptions = {
  /** As for `startEmbeddedPostgres`. */
  readonly dataDir: string;
  readonly sink: BackupSink;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** How much of the cluster is copied. Unit: bytes. */
  readonly onCopied: (copied: number, total: number) => void;
  /** Called when the size of the cluster is known, before the first byte is copied; what it throws ends the copy. */
  readonly onSize?: (bytes: number) => Promise<void>;
  /** What else is copied of this moment, with a way to ask again where the books stand. */
  readonly afterwards?: (copied: CopiedCluster, ask: () => Promise<BooksAt>) => Promise<void>;
};

/**
 * Copies an embedded cluster while it works (PostgreSQL manual, 25.3.4): its files between pg_backup_start and
 * pg_backup_stop, then the log written meanwhile, which a replication slot keeps from being recycled. Where no server
 * runs it is started for the time of the copy. Throws `EngineError` when there is no database, or it ends meanwhile.
 */
export async function copyEmbeddedCluster(options: CopyClusterOptions): Promise<CopiedCluster> {
  const { dataDir } = options;
  await demandCluster(dataDir);
  const running = await connectionOfRunning(await realpath(dataDir));
  if (running !== undefined) return copyThrough(running, options);
  options.onProgress('no server runs on this data directory: starting its PostgreSQL for the time of the backup');
  const server = await startEmbeddedPostgres({ dataDir, onProgress: options.onProgress });
  try {
    return await copyThrough(server.admin, options);
  } finally {
    await server.stop();
  }
}

/** How much `copyEmbeddedCluster` would copy before the log. Unit: bytes. Throws `EngineError` when there is no database. */
export async function clusterBytes(dataDir: string): Promise<number> {
  await demandCluster(dataDir);
  return bytesOf(await listClusterFiles(clusterDirOf(dataDir)));
}

async function demandCluster(dataDir: string): Promise<void> {
  if ((await stat(join(clusterDirOf(dataDir), 'PG_VERSION')).catch(() => undefined)) !== undefined) return;
  throw new EngineError('other', `there is no database in ${dataDir}`);
}

function bytesOf({ files }: ClusterFiles): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function connectionOfRunning(dataDir: string): Promise<PostgresConnection | undefined> {
  const [credentials, running] = [await readCredentials(dataDir), await findPostmaster(clusterDirOf(dataDir))];
  if (credentials === undefined || running === undefined) return undefined;
  const { port, socketDirectory: host = '127.0.0.1' } = running;
  return { host, port, user: SUPERUSER, password: credentials.superuser, database: 'postgres' };
}

async function copyThrough(admin: PostgresConnection, options: CopyClusterOptions): Promise<CopiedCluster> {
  const sql = await openSession(admin);
  try {
    const version = await sql.text("select current_setting('server_version')");
    // Gone with this connection, however it ends: nothing is left behind that would keep the log for ever.
    await sql.text(
      `select pg_create_physical_replication_slot('filrouge_backup_' || pg_backend_pid(), true, true)::text`,
    );
    const before = await sql.books();
    options.onProgress('waiting for a checkpoint of PostgreSQL');
    await sql.text("select pg_backup_start('filrouge backup', true)::text");
    await copyFiles(options);
    const label = await sql.text("select labelfile || '|' || lsn::text from pg_backup_stop(false)");
    const [labelFile = '', stoppedAt = ''] = label.split('|');
    await options.sink.bytes('cluster/backup_label', Buffer.from(labelFile));
    const { timeline, start: startedAt } = parseBackupLabel(labelFile);
    const segmentBytes = Number(await sql.text("select setting from pg_settings where name = 'wal_segment_size'"));
    await copyLog(options, logSegments(timeline, { start: startedAt, stop: stoppedAt }, segmentBytes));
    const copied = { version, before, after: await sql.books(), startedAt, stoppedAt };
    await options.afterwards?.(copied, sql.books);
    return copied;
  } finally {
    await sql.close();
  }
}

async function copyFiles({ dataDir, sink, signal, onCopied, onSize }: CopyClusterOptions): Promise<void> {
  const clusterDir = clusterDirOf(dataDir);
  const listed = await listClusterFiles(clusterDir);
  const { directories, files } = listed;
  const total = bytesOf(listed);
  await onSize?.(total);
  await sink.directory('cluster');
  for (const path of directories) await sink.directory(`cluster/${path}`);
  let copied = 0;
  for (const { path } of files) {
    signal.throwIfAborted();
    // A table that was dropped meanwhile: the log tells it too.
    copied += (await sink.file(`cluster/${path}`, join(clusterDir, path))) ?? 0;
    onCopied(copied, total);
  }
  await sink.bytes(`cluster/${CONTROL_FILE}`, await readSteadily(join(clusterDir, CONTROL_FILE)));
  await sink.file('credentials.json', join(dataDir, 'credentials.json'));
}

/** The control file is written in place: it is read until two readings are the same. */
async function readSteadily(path: string): Promise<Buffer> {
  let last = await readFile(path);
  for (;;) {
    const again = await readFile(path);
    if (again.equals(last)) return again;
    last = again;
  }
}

async function copyLog({ dataDir, sink, signal }: CopyClusterOptions, names: readonly string[]): Promise<void> {
  for (const name of names) {
    signal.throwIfAborted();
    const bytes = await sink.file(`cluster/pg_wal/${name}`, join(clusterDirOf(dataDir), 'pg_wal', name));
    if (bytes === undefined)
      throw new EngineError('other', `the write-ahead log ${name} was gone before it was copied`);
  }
}

type Session = {
  /** The one value of a statement. */
  readonly text: (statement: string) => Promise<string>;
  readonly books: () => Promise<BooksAt>;
  readonly close: () => Promise<void>;
};

const BOOKS = `
select head.journal_position as journal, head.ledger_position as ledger, projector.pruned, projector.taken_back as taken,
  (select max(number) from filrouge_migration) as migrations,
  exists (select from import_run where state = 'undoing') as undoing from head, projector`;

/** One connection for the copy: a backup ends with the session that began it. A second asks the product's database. */
async function openSession(admin: PostgresConnection): Promise<Session> {
  const backup = await connect(admin);
  const product = await connect({ ...admin, database: APPLICATION_DATABASE }).catch(async (fault: unknown) => {
    await backup.end();
    throw fault;
  });
  type Stored = Record<'journal' | 'ledger' | 'pruned' | 'taken' | 'migrations', string> & {
    readonly undoing: boolean;
  };
  return {
    async text(statement) {
      const rows = await ask<readonly [string]>(backup, statement, 'array');
      return rows[0]?.[0] ?? '';
    },
    async books() {
      const [row] = await ask<Stored>(product, BOOKS);
      if (row === undefined)
        throw new EngineError('other', 'this database was never used: there is nothing to back up');
      return {
        journalPosition: Number(row.journal),
        ledgerPosition: Number(row.ledger),
        prunedUpTo: Number(row.pruned),
        migrations: Number(row.migrations),
        takenBack: row.undoing ? undefined : Number(row.taken),
      };
    },
    async close() {
      await Promise.all([backup, product].map((client) => client.end().catch(() => undefined)));
    },
  };
}

/** The name does not begin like the product's own: a server that takes this cluster over ends what those have open. */
async function connect(server: PostgresConnection): Promise<pg.Client> {
  const client = new pg.Client({ ...server, connectionTimeoutMillis: 10_000, application_name: 'backup by filrouge' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('set statement_timeout = 0; set synchronous_commit = on');
    return client;
  } catch (fault) {
    throw toEngineError(fault);
  }
}

async function ask<Row>(client: pg.Client, text: string, rowMode?: 'array'): Promise<readonly Row[]> {
  try {
    const answer = rowMode === undefined ? await client.query(text) : await client.query({ text, rowMode });
    return answer.rows as Row[];
  } catch (fault) {
    // 42P01: a table is not there.
    if (hasCode(fault, '42P01'))
      throw new EngineError(
        'other',
        'this database was made by an earlier version: start that version, or this one once, before the backup',
      );
    throw toEngineError(fault);
  }
}

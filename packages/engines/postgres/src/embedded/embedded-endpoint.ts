import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, type ServerAccount } from './embedded-account.ts';

/** Where the server listens: a Unix socket in a private directory, or a port of the loopback address. Never both. */
export type EmbeddedEndpoint =
  | { readonly kind: 'socket'; readonly directory: string; readonly port: number }
  | { readonly kind: 'loopback'; readonly port: number };

/** Only names the socket file: `.s.PGSQL.5432`. */
const SOCKET_PORT = 5432;

/** sun_path holds 108 bytes on Linux and 104 on macOS, with the final NUL. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'darwin' ? 103 : 107;

/**
 * Chooses (and makes) the socket directory: inside the data directory where its path is short enough and the server's
 * account can enter it, else under a run-time directory with a name derived from the data directory, so that a
 * restarted parent finds the same one. Without any such place: a free loopback port.
 */
export async function chooseEndpoint(
  clusterDir: string,
  dataDir: string,
  account: ServerAccount | undefined,
  listen: 'socket' | 'loopback',
): Promise<EmbeddedEndpoint> {
  if (listen === 'socket' && process.platform !== 'win32') {
    const name = `filrouge-${createHash('sha256').update(clusterDir).digest('hex').slice(0, 12)}`;
    const homes =
      account === undefined ? [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'] : ['/run', tmpdir(), '/tmp'];
    const candidates = [join(dataDir, 'socket')];
    for (const home of homes) if (home?.startsWith('/')) candidates.push(join(home, name));
    candidates.push(join('/tmp', `${name}-${randomBytes(4).toString('hex')}`));
    for (const directory of candidates) {
      if (await makeSocketDirectory(directory, account)) return { kind: 'socket', directory, port: SOCKET_PORT };
    }
  }
  return { kind: 'loopback', port: await freeLoopbackPort() };
}

/** Removes the socket directory of a stopped server. */
export async function removeEndpoint(endpoint: EmbeddedEndpoint): Promise<void> {
  if (endpoint.kind === 'socket') await rm(endpoint.directory, { recursive: true, force: true });
}

/** The server's flags for this endpoint. */
export function endpointSettings(endpoint: EmbeddedEndpoint): Readonly<Record<string, string>> {
  if (endpoint.kind === 'loopback') {
    return { listen_addresses: '127.0.0.1', port: String(endpoint.port), unix_socket_directories: '' };
  }
  return {
    listen_addresses: '',
    port: String(endpoint.port),
    // The setting is a comma-separated list: quotes keep spaces and commas of the path in one element.
    unix_socket_directories: `"${endpoint.directory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  };
}

async function makeSocketDirectory(directory: string, account: ServerAccount | undefined): Promise<boolean> {
  const socketPath = join(directory, `.s.PGSQL.${SOCKET_PORT}`);
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_BYTES_MAX) return false;
  const parent = join(directory, '..');
  if (account !== undefined && !(await canEnter(parent, account))) return false;
  try {
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    const found = await lstat(directory);
    const ownUid = process.getuid?.();
    // In a shared directory the name may have been taken by somebody else, or lead elsewhere.
    if (!found.isDirectory() || (found.uid !== ownUid && found.uid !== account?.uid)) return false;
    await chmod(directory, 0o700);
    if (account !== undefined) await chown(directory, account.uid, account.gid);
    return true;
  } catch {
    return false;
  }
}

async function freeLoopbackPort(): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('no free loopback port'));
    });
  });
  await new Promise<void>((resolve) => {
    probe.close(() => resolve());
  });
  return port;
}

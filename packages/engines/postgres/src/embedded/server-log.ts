import { openSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LOG_BYTES_MAX = 20 * 1024 * 1024;
/** What is read of it at most: who tries to connect while it ends adds a line each time. */
const READ_BYTES_MAX = 256 * 1024;

function logPathOf(dataDir: string): string {
  return join(dataDir, 'server.log');
}

/** Where the next line of the log will stand. */
export function endOfLog(dataDir: string): Promise<number> {
  return stat(logPathOf(dataDir)).then(
    (found) => found.size,
    () => 0,
  );
}

/** Opens the log to append to it, a fresh one where it has grown large. */
export async function openLog(dataDir: string): Promise<{ readonly descriptor: number; readonly offset: number }> {
  const path = logPathOf(dataDir);
  const size = await endOfLog(dataDir);
  if (size > LOG_BYTES_MAX) {
    await rename(path, `${path}.1`);
    return { descriptor: openSync(path, 'a', 0o600), offset: 0 };
  }
  return { descriptor: openSync(path, 'a', 0o600), offset: size };
}

/** The log from `offset` on; of much the last part. */
export async function readLog(dataDir: string, offset: number): Promise<string> {
  const handle = await open(logPathOf(dataDir), 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(offset, size - READ_BYTES_MAX);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(Math.max(0, size - from)), position: from });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

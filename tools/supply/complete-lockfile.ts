import { type LockEntry, type Lockfile, type Unmet, unmetIn } from './lockfile.ts';

/**
 * The lockfile with an entry for every optional package that the registry it was made with could not name, at the exact
 * version that is asked for, for the platform that its name tells. npm leaves those out, and then refuses its own
 * lockfile (`npm ci`, npm/cli#9846); on other machines it would take whatever answers to the name. Entries that were
 * completed for an earlier version go. Errors: a name that tells no platform.
 */
export function completeLockfile<L extends Lockfile>(lock: L): L {
  const kept = Object.entries(lock.packages).filter(([, entry]) => !isCompleted(entry));
  const packages = Object.fromEntries(kept);
  const added = unmetIn({ packages }).filter(({ optional }) => optional);
  const entries = added.map((unmet) => [`node_modules/${unmet.name}`, entryOf(unmet, packages)] as const);
  // The order that npm writes, so that it changes nothing afterwards.
  const sorted = [...kept, ...entries].sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

/** Whether an entry was written here: npm writes none without a checksum but for rooms and what lies in a bundle. */
export function isCompleted(entry: LockEntry): boolean {
  return entry.optional === true && entry.link !== true && entry.inBundle !== true && entry.integrity === undefined;
}

function entryOf({ name, wanted, by }: Unmet, packages: Readonly<Record<string, LockEntry>>): LockEntry {
  const [, os, rest = ''] = /(aix|android|darwin|freebsd|linux|openharmony|sunos|win32)(.*)$/.exec(name) ?? [];
  const cpu = /arm64|arm|ia32|ppc64|riscv64|s390x|x64/.exec(rest)?.[0];
  if (os === undefined || cpu === undefined)
    throw new Error(`${name}: its name tells no platform; write its entry by hand`);
  const libc = rest.includes('musl') ? 'musl' : rest.includes('gnu') ? 'glibc' : undefined;
  return {
    version: wanted,
    cpu: [cpu],
    ...(packages[by]?.dev === true ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

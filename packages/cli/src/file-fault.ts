import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-code.ts';

/** Why a file cannot be used and what to do about it, by the code of the operating system. */
const REASONS: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  EACCES: ['permission denied', 'Allow this user to use it, or name another place'],
  EPERM: ['the operating system does not permit it', 'Allow this user to use it, or name another place'],
  EROFS: ['its file system is read-only', 'Name a place that can be written to'],
  EISDIR: ['it is a directory', 'Name a file'],
  ENOTDIR: ['what should be a directory on the way to it is a file', 'Check the name and the directory'],
  ENOENT: ['there is no such file or directory', 'Check the name and the directory'],
  ENAMETOOLONG: ['its name is too long', 'Give it a shorter one'],
  ENOSPC: ['the disk is full', 'Free some room, or name a place on another disk'],
  EDQUOT: ['the room that this user has on the disk is full', 'Free some room, or name a place on another disk'],
};

/** Done with a file by the name of the system's call. */
const DONE: Readonly<Record<string, string>> = {
  mkdir: 'made',
  mkdtemp: 'made',
  rename: 'written',
  link: 'written',
  unlink: 'removed',
  rm: 'removed',
  rmdir: 'removed',
  scandir: 'listed',
  access: 'written to',
};

/** What the file system refused, as a failure of the command; undefined for any other fault. */
export function failureOfFile(fault: unknown): CommandFailure | undefined {
  if (!(fault instanceof Error)) return undefined;
  const { code = '', path, syscall = '' } = fault as NodeJS.ErrnoException & { readonly dest?: string };
  const [why, mend] = (Object.hasOwn(REASONS, code) ? REASONS[code] : undefined) ?? [];
  if (why === undefined || mend === undefined || syscall.startsWith('spawn')) return undefined;
  // Writing into an open file does not say which; of a full disk that is enough.
  if (path === undefined) {
    const what = code === 'EISDIR' ? 'a directory is named where a file is needed' : why;
    return ['ENOSPC', 'EDQUOT', 'EISDIR'].includes(code)
      ? new CommandFailure(what, mend, EXIT.failed, { code: 'file-not-usable' })
      : undefined;
  }
  const { dest = path } = fault as { readonly dest?: string };
  const named = code === 'ENOENT' ? 'no-such-file' : 'file-not-usable';
  return new CommandFailure(`${dest} cannot be ${DONE[syscall] ?? 'opened'}: ${why}`, mend, EXIT.failed, {
    code: named,
  });
}

/** A file that the command line names and that is not there: a fault of usage. */
export function noSuchFile(named: string): CommandFailure {
  return new CommandFailure(`there is no file ${named}`, 'Check the name and the directory', EXIT.usage, {
    code: 'no-such-file',
  });
}

import { expect, test } from 'vitest';
import { explainFault } from './explain-fault.ts';

function said(fault: unknown): string {
  let text = '';
  const stderr = (more: string): void => {
    text += more;
  };
  explainFault(fault, { stderr, json: false, interrupted: false, command: 'filrouge import' });
  return text;
}

function refused(code: string, more: object): Error {
  return Object.assign(new Error(`${code}: x`), { code, ...more });
}

test.each([
  ['EACCES', { syscall: 'open', path: '/d/a.csv' }, '/d/a.csv cannot be opened: permission denied. Allow this user'],
  ['EPERM', { syscall: 'unlink', path: '/d/a.csv' }, '/d/a.csv cannot be removed: the operating system'],
  ['EROFS', { syscall: 'mkdir', path: '/d' }, '/d cannot be made: its file system is read-only. Name a place'],
  ['EISDIR', { syscall: 'rename', path: '/d/.part', dest: '/d' }, '/d cannot be written: it is a directory'],
  ['ENOTDIR', { syscall: 'open', path: '/f/a' }, '/f/a cannot be opened: what should be a directory'],
  ['ENOENT', { syscall: 'open', path: '/n/a' }, '/n/a cannot be opened: there is no such file or directory'],
  ['ENOSPC', { syscall: 'write' }, 'the disk is full. Free some room'],
])('%s is one sentence that names the place, and no fault of filrouge', (code, more, sentence) => {
  const text = said(refused(code, more));
  expect(text).toContain(`filrouge: ${sentence}`);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
});

test('what the file system did not refuse is a fault of filrouge, with its stack', () => {
  for (const fault of [
    refused('EACCES', { syscall: 'listen' }),
    refused('ENOENT', { syscall: 'spawn x', path: 'x' }),
  ]) {
    expect(said(fault)).toContain('this is a fault of filrouge itself');
  }
});

import { expect, test } from 'vitest';
import { type BackupManifest, readManifest, sealManifest } from './manifest.ts';

const ABOUT: Omit<BackupManifest, 'format'> = {
  madeAt: '2026-11-22T10:00:00.000Z',
  postgres: { version: '18.4', startedAt: '0/2000028', stoppedAt: '0/2000158' },
  journal: { from: 10, to: 12 },
  ledger: { from: 3, to: 3 },
  prunedUpTo: 0,
  keys: { fingerprint: 'f', buckets: [1] },
  directories: ['postgres/cluster', 'postgres/cluster/base'],
  files: [{ path: 'postgres/cluster/PG_VERSION', bytes: 3, sha256: 'a'.repeat(64) }],
};

function sealed(about: unknown): readonly [Buffer, Buffer] {
  const { manifest, hash } = sealManifest(about as Omit<BackupManifest, 'format'>);
  return [manifest, hash];
}

test('a manifest is read as it was written', () => {
  expect(readManifest(...sealed(ABOUT))).toEqual({ ok: true, value: { format: 2, ...ABOUT } });
});

test('a manifest of the first format is read too', () => {
  expect(readManifest(...sealed({ ...ABOUT, format: 1 }))).toEqual({ ok: true, value: { format: 1, ...ABOUT } });
});

test('G19: any bit that is not what it was is seen, and so is an end that is missing', () => {
  const [manifest, hash] = sealed(ABOUT);
  for (let at = 0; at < manifest.length; at += 37) {
    const other = Buffer.from(manifest);
    other.writeUInt8(other.readUInt8(at) ^ 4, at);
    expect(readManifest(other, hash)).toMatchObject({ ok: false, refusal: expect.stringContaining('not what it was') });
  }
  expect(readManifest(manifest.subarray(0, -20), hash).ok).toBe(false);
  expect(readManifest(manifest, undefined)).toMatchObject({ refusal: 'manifest.json.sha256 is missing' });
});

test.each(['../outside', '/etc/passwd', 'postgres/../../outside', 'postgres//x', './x', 'postgres\\x', ''])(
  'a manifest that names a file outside the backup is refused: %j',
  (path) => {
    const files = [{ path, bytes: 1, sha256: 'a'.repeat(64) }];
    expect(readManifest(...sealed({ ...ABOUT, files })).ok).toBe(false);
    expect(readManifest(...sealed({ ...ABOUT, directories: [path] })).ok).toBe(false);
  },
);

test.each([
  ['a later format', { ...ABOUT, format: 3 }, 'later version of filrouge (format 3)'],
  ['a field of another kind', { ...ABOUT, prunedUpTo: -1 }, 'not the manifest of a backup (at prunedUpTo)'],
  ['something else', null, 'not the manifest of a backup'],
])('what cannot be read says why: %s', (_what, about, why) => {
  expect(readManifest(...sealed(about))).toMatchObject({ ok: false, refusal: expect.stringContaining(why) });
});

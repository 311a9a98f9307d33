/**
 * Where an engine puts the copy of its files. Paths are relative, with `/`, and belong to one backup; what was put is
 * in the manifest of the backup, with its hash.
 */
export interface BackupSink {
  directory(path: string): Promise<void>;
  /** Copies a file as it is at this moment; answers its size, undefined where there is none any more. Unit: bytes. */
  file(path: string, from: string): Promise<number | undefined>;
  bytes(path: string, content: Buffer): Promise<void>;
  /** Takes a directory out again, with all that was put below it. */
  drop(path: string): Promise<void>;
}

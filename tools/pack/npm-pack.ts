import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** Runs `npm pack` in `folder` and resolves to the path of the tarball it wrote into `target`. */
export async function npmPack(folder: string, target: string): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', target];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (packed === undefined) throw new Error('npm pack named no tarball');
  return path.join(target, packed.filename);
}

import { access } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Deployment } from '@filrouge/domain/deployment';
import { buildDeployment } from './build-deployment.ts';
import { ConfigError } from './config-error.ts';

/** Where the configuration is looked for when nothing names it. */
export const CONFIG_FILE_DEFAULT = 'filrouge.config.ts';

/** Reads `filrouge.config.ts` (its default export) and checks it. Throws `ConfigError`. */
export async function loadDeployment(file: string, directory: string): Promise<Deployment> {
  const path = isAbsolute(file) ? file : resolve(directory, file);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) {
    throw new ConfigError(file, [
      `there is no such file; write one with \`filrouge init\`, or name it in FILROUGE_CONFIG.`,
    ]);
  }
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  if (module.default === undefined)
    throw new ConfigError(file, ['it has no default export; write `export default defineConfig({…})`.']);
  return buildDeployment(module.default, file);
}

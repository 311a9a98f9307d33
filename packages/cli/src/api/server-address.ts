import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The address of the running server: `--url`, FILROUGE_URL, or where a server of this environment listens. Without a
 * slash at its end. Errors: `CommandFailure` (usage) for what is no http address.
 */
export function serverAddress(named: string | undefined, environment: Variables): string {
  const url = named ?? filled(environment['FILROUGE_URL']) ?? localAddress(environment);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandFailure(`${url} is no address of a server`, 'Write it like http://127.0.0.1:4400', EXIT.usage);
  }
  return url.replace(/\/+$/, '');
}

function localAddress(environment: Variables): string {
  const host = filled(environment['FILROUGE_HOST']) ?? '127.0.0.1';
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${filled(environment['FILROUGE_PORT']) ?? '4400'}`;
}

/** A variable set to nothing counts as absent. */
export function filled(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

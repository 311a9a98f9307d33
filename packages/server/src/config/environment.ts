import { resolve, sep } from 'node:path';
import { type PrivateHosts, parsePrivateHosts } from '../outgoing/private-hosts.ts';
import { ConfigError } from './config-error.ts';
import { CONFIG_FILE_DEFAULT } from './load-config.ts';

export const ROLES = ['collect', 'work', 'api', 'console'] as const;
export type Role = (typeof ROLES)[number];

/** What the environment says (architecture.md, outside contract), with defaults. */
export type Environment = {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Empty: clients are told the address they used. */
  readonly publicUrl: string;
  readonly postgresUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly masterKeyFile: string;
  readonly roles: ReadonlySet<Role>;
  readonly configFile: string;
  /** What outgoing requests may reach on a private network; empty: nothing. */
  readonly outgoingPrivateHosts: PrivateHosts;
  /** Where the consents are written a second time, on another disk; undefined: nowhere. */
  readonly consentsDir: string | undefined;
};

/** Reads `FILROUGE_*`. Throws `ConfigError` that names each variable that cannot be used. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  directory: string,
): Environment {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = variables[name]?.trim();
    return value === '' ? undefined : value;
  };
  if (text('FILROUGE_NATS_URL') !== undefined) {
    problems.push('FILROUGE_NATS_URL: this version keeps its journal in PostgreSQL; unset the variable.');
  }
  const port = Number(text('FILROUGE_PORT') ?? '4400');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push('FILROUGE_PORT: a port is a number from 0 to 65535.');
  const publicUrl = text('FILROUGE_PUBLIC_URL') ?? '';
  if (publicUrl !== '' && !/^https?:\/\/[^/]/.test(publicUrl)) {
    problems.push('FILROUGE_PUBLIC_URL: begins with http:// or https://, as clients reach this server.');
  }
  const roles = (text('FILROUGE_ROLES') ?? ROLES.join(',')).split(',').map((role) => role.trim());
  for (const role of roles) {
    if (!(ROLES as readonly string[]).includes(role))
      problems.push(`FILROUGE_ROLES: there is no role ${role}; use ${ROLES.join(', ')}.`);
  }
  const privateHosts = parsePrivateHosts(text('FILROUGE_OUTGOING_PRIVATE_HOSTS') ?? '');
  if (!privateHosts.ok) {
    problems.push(
      `FILROUGE_OUTGOING_PRIVATE_HOSTS: ${JSON.stringify(privateHosts.refusal.entry)} is no host; write them as crm.lan,10.0.0.7:9000.`,
    );
  }
  const dataDir = resolve(directory, text('FILROUGE_DATA_DIR') ?? '.filrouge');
  const consents = text('FILROUGE_CONSENTS_DIR');
  const consentsDir = consents === undefined ? undefined : resolve(directory, consents);
  if (consentsDir !== undefined && `${consentsDir}${sep}`.startsWith(`${dataDir}${sep}`)) {
    problems.push('FILROUGE_CONSENTS_DIR: lies in the data directory, whose loss it is there for; name another disk.');
  }
  if (problems.length > 0) throw new ConfigError('the environment', problems);
  return {
    dataDir,
    host: text('FILROUGE_HOST') ?? '127.0.0.1',
    port,
    publicUrl: publicUrl.replace(/\/$/, ''),
    postgresUrl: text('FILROUGE_POSTGRES_URL'),
    clickhouseUrl: text('FILROUGE_CLICKHOUSE_URL'),
    masterKeyFile: resolve(directory, text('FILROUGE_MASTER_KEY_FILE') ?? `${dataDir}/master.key`),
    roles: new Set(roles as Role[]),
    configFile: text('FILROUGE_CONFIG') ?? CONFIG_FILE_DEFAULT,
    outgoingPrivateHosts: privateHosts.ok ? privateHosts.value : new Map(),
    consentsDir,
  };
}

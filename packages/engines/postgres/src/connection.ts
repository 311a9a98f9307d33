/** How to reach a database. `host` is a name, an address, or (starting with `/`) the directory of a Unix socket. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The same as a URL that libpq tools and `pg` both read. Holds the password: never log it. */
export function connectionUrl(connection: PostgresConnection): string {
  const { host, port, user, password, database } = connection;
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const path = `/${encodeURIComponent(database)}`;
  if (host.startsWith('/')) return `postgresql://${who}@localhost:${port}${path}?host=${encodeURIComponent(host)}`;
  return `postgresql://${who}@${host}:${port}${path}`;
}

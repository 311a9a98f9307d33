import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type RunningCommand, type Said, startFilrouge, temporaryDirectory } from './run-filrouge.ts';

/** A retailer with one server source and a notice that answers for two purposes. */
const CONFIG = {
  brands: [{ id: 'maison', name: 'Maison' }],
  properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
  sources: [{ id: 'backend', brand: 'maison', property: 'site', kind: 'server', quotaPerSecond: 100_000 }],
  notices: [
    {
      id: 'card',
      version: '1',
      brand: 'maison',
      purposes: ['profiling', 'email_marketing'],
      text: { fr: 'Oui ?', en: 'Yes?' },
    },
  ],
};

type Ready = { readonly url: string; readonly apiToken?: string };
type Variables = Readonly<Record<string, string>>;

/** Where the only source sends, and with which words. */
export type Server = { readonly url: string; readonly authorization: string };

/** A directory with the configuration of one small retailer, and the servers that are started in it, one at a time. */
export class OneSourceHouse {
  readonly path: string;
  /** Of every command that is run here; the port stays the same. */
  readonly environment: Variables;
  /** The server that was begun last. */
  running!: RunningCommand;
  readonly #servers: RunningCommand[] = [];
  readonly #remove: () => Promise<void>;

  private constructor(path: string, environment: Variables, remove: () => Promise<void>) {
    this.path = path;
    this.environment = environment;
    this.#remove = remove;
  }

  static async open(): Promise<OneSourceHouse> {
    const { path, remove } = await temporaryDirectory();
    await writeFile(join(path, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
    return new OneSourceHouse(path, { FILROUGE_PORT: String(await freePort()) }, remove);
  }

  /** Where the engines and keys are. */
  get dataDir(): string {
    return join(this.path, '.filrouge');
  }

  /** Starts a server and waits for nothing. */
  begin(more: Variables = {}): void {
    this.running = this.run(['start', '--json'], more);
    this.#servers.push(this.running);
    // Ending before it is ready is what happens to it here.
    this.running.ended.catch(() => undefined);
  }

  /** What the server that was begun last says when it is ready; the very first one gives its token. */
  async ready(): Promise<Ready> {
    return JSON.parse(await this.running.line(/^\{"url"/)) as Ready;
  }

  async start(more: Variables = {}): Promise<Ready> {
    this.begin(more);
    return this.ready();
  }

  /** `filrouge …` as a process of its own. */
  run(argv: readonly string[], more: Variables = {}): RunningCommand {
    return startFilrouge(argv, { directory: this.path, environment: { ...this.environment, ...more } });
  }

  /** Ends the server that was begun last, as an operator does. */
  async stop(): Promise<Said> {
    this.running.child.kill('SIGTERM');
    return this.running.ended;
  }

  async remove(): Promise<void> {
    for (const { child, ended } of this.#servers) {
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
    }
    await this.#remove();
  }
}

/** A key of the only source, ready to send with. */
export async function sourceOf(url: string, token: string): Promise<Server> {
  const { key } = await posted(`${url}/api/keys`, `Bearer ${token}`, { source: 'backend' });
  return { url, authorization: `Basic ${btoa(`${String(key)}:`)}` };
}

/** The answer to one POST. Throws for any but a 2xx. */
export async function posted(
  address: string,
  authorization: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(address, { method: 'POST', headers: { authorization }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${address} was answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

/** The JSON of one GET with a token. Throws for any but a 2xx. */
export async function asked<T>(address: string, token: string): Promise<T> {
  const answer = await found<T>(address, token);
  if (answer === undefined) throw new Error(`${address} was answered 404`);
  return answer;
}

/** The same; undefined where there is nobody of that name. */
export async function found<T>(address: string, token: string): Promise<T | undefined> {
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${address} was answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** What somebody decides about one purpose of the notice. */
export function consentOf(userId: string, purpose: string, status: string): object {
  return {
    subject: { userId },
    brand: 'maison',
    property: 'site',
    decisions: [{ purpose, status }],
    notice: { id: 'card', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  };
}

/** What somebody looked at. */
export function viewOf(userId: string, messageId: string): object {
  return { userId, event: 'Product Viewed', messageId };
}

/** Where the events of somebody are told, a page at a time. */
export function eventsAddress(url: string, userId: string): string {
  return `${url}/api/profiles/user_id:${userId}/events?purpose=profiling&brand=maison&limit=1000`;
}

/** Numbers from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import type { Session } from 'chdb';
import { BASE_SETTINGS } from './engine-settings.ts';
import { placeholderNames, quoted } from './statement.ts';
import { createTurnstile } from './turnstile.ts';

/** What one request wants the session to be before its statement runs. */
export type Preparation = {
  readonly database: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Placeholder values in the escaped text form of the HTTP interface. */
  readonly parameters: Readonly<Record<string, string>>;
};

export interface SessionPool {
  /** Runs `work` on a session that no one else uses and that carries nothing over from earlier requests. */
  use<T>(sql: string, wanted: Preparation, work: (session: Session) => Promise<T>): Promise<T>;
  close(): void;
}

type Member = {
  readonly session: Session;
  database: string;
  /** Settings that differ from the engine's defaults. */
  readonly set: Set<string>;
  /** Parameters ever bound: the engine has no way to unbind one. */
  readonly bound: Set<string>;
};

/**
 * Sessions of one kind. A session runs one statement at a time and keeps settings and parameters for ever: a
 * deduplication token left behind would make a later insert vanish. So each request states all settings anew, and a
 * session that knows a parameter which the statement names and the request does not bind is not used for it.
 * Binding through `queryBindAsync` would run one parameterised query at a time in the whole process (chdb 3.4.0).
 */
export function createSessionPool(open: () => Session, places: number, waitingMax: number): SessionPool {
  const turnstile = createTurnstile(places, waitingMax);
  const idle: Member[] = [];

  function take(sql: string, wanted: Preparation): Member {
    const unbound = placeholderNames(sql).filter((name) => !(name in wanted.parameters));
    const member = idle.pop() ?? fresh(open());
    if (!unbound.some((name) => member.bound.has(name))) return member;
    member.session.close();
    return fresh(open());
  }

  return {
    async use(sql, wanted, work) {
      await turnstile.enter();
      let member: Member | undefined;
      try {
        member = take(sql, wanted);
        await prepare(member, wanted);
        const answer = await work(member.session);
        // What was made read-only stays so: no later request could state its settings.
        if ('readonly' in wanted.settings) member.session.close();
        else idle.push(member);
        return answer;
      } catch (error) {
        // After a failed statement the session may stand half prepared: it is cheap to open another (0.3 ms).
        member?.session.close();
        throw error;
      } finally {
        turnstile.leave();
      }
    },
    close() {
      for (const member of idle.splice(0)) member.session.close();
    },
  };
}

function fresh(session: Session): Member {
  return { session, database: 'default', set: new Set(), bound: new Set() };
}

async function prepare(member: Member, wanted: Preparation): Promise<void> {
  const settings: Record<string, string> = { ...BASE_SETTINGS, ...wanted.settings };
  const changes = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}`);
  for (const name of member.set) if (!(name in settings)) changes.push(`${name}=DEFAULT`);
  for (const [name, value] of Object.entries(wanted.parameters)) {
    changes.push(`param_${name}=${quoted(value)}`);
    member.bound.add(name);
  }
  const use = wanted.database === member.database ? '' : `USE \`${wanted.database}\`; `;
  // The limit on a statement's length is itself a setting: it is raised before a long parameter list is parsed.
  if (member.set.size === 0) await member.session.queryAsync(`SET max_query_size=${settings['max_query_size']}`);
  await member.session.queryAsync(`${use}SET ${changes.join(', ')}`);
  member.database = wanted.database;
  member.set.clear();
  for (const name of Object.keys(settings)) member.set.add(name);
}

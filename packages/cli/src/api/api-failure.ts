import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import { CommandFailure, type ServerProblem } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';

export type AskedWith = {
  /** Where the credential came from: said where it is refused. */
  readonly credential?: string;
  /** The request was made of the command line alone: what cannot be read in it is a fault of usage. */
  readonly typed?: true;
};

/** A refusal of the server as a failure of the command, in the catalogue's words or, where it is newer, in its own. */
export function failureOfAnswer(
  url: string,
  { status, body }: { readonly status: number; readonly body: string },
  { credential, typed }: AskedWith = {},
): CommandFailure {
  const problem = problemIn(body);
  if (problem === undefined) {
    return new CommandFailure(
      `${url} answered ${status} without saying why`,
      'Check that a filrouge server is behind this address',
    );
  }
  const { detail = '', pointer = '' } = problem;
  const theirs = textsOf(problem, status);
  const { title, mend } = knownTexts(problem.code) ?? theirs;
  const place = pointer === '' ? '' : `at ${pointer}`;
  const more = [detail === theirs.mend ? '' : sentence(detail), place].filter((part) => part !== '').join('; ');
  const what = more === '' ? sentence(title) : `${sentence(title)} (${more})`;
  const from = credential !== undefined && (status === 401 || status === 403) ? `; it came from ${credential}` : '';
  return new CommandFailure(
    what,
    `${sentence(mend) || 'See the log of the server'}${from}`,
    typed === true && status === 400 ? EXIT.usage : EXIT.failed,
    { problem: JSON.parse(body) as ServerProblem },
  );
}

const START_IT = 'Start it with filrouge start, or name another with --url or FILROUGE_URL';

/** No answer at all. */
export function failureOfNetwork(url: string, fault: unknown, mend: string = START_IT): CommandFailure {
  const why = reasonOfNetwork(fault);
  return new CommandFailure(`no server answers at ${url}${why === '' ? '' : ` (${why})`}`, mend, EXIT.failed, {
    code: 'server-unreachable',
  });
}

type Texts = { readonly title: string; readonly mend: string };

/** In the server's own words, in the language that was asked for. */
function textsOf({ title = '', message = '' }: Told, status: number): Texts {
  return {
    title: title === '' ? `the server answered ${status}` : title,
    mend: message.startsWith(title) ? message.slice(title.length).trim() : message,
  };
}

/** The command speaks English whatever the language of its reports: what is around the words of a code, and they. */
function knownTexts(code: string | undefined): Texts | undefined {
  if (code === undefined || !Object.hasOwn(PROBLEMS, code)) return undefined;
  const { message, mend } = PROBLEMS[code as ProblemCode].en;
  return { title: message, mend };
}

type Told = Partial<Readonly<Record<'title' | 'message' | 'detail' | 'pointer' | 'code', string>>>;

function problemIn(body: string): Told | undefined {
  try {
    const document = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
    if (document === null || typeof document !== 'object') return undefined;
    const named = ['title', 'message', 'detail', 'pointer', 'code'].filter(
      (name) => typeof document[name] === 'string',
    );
    return named.length === 0 ? undefined : Object.fromEntries(named.map((name) => [name, document[name]]));
  } catch {
    return undefined;
  }
}

/** Why there is no answer, in a word: `ECONNREFUSED`. Empty where nobody says. */
export function reasonOfNetwork(fault: unknown): string {
  const { cause } = fault as { readonly cause?: unknown };
  const { code } = (cause ?? fault ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return fault instanceof Error ? sentence(fault.message) : '';
}

function sentence(text: string): string {
  return text.trim().replace(/\.$/, '');
}

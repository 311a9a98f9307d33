import { CommandFailure } from '../command-failure.ts';

/** A refusal of the server as a failure of the command, in the server's own words. */
export function failureOfAnswer(
  url: string,
  { status, body }: { readonly status: number; readonly body: string },
): CommandFailure {
  const problem = problemIn(body);
  if (problem === undefined) {
    return new CommandFailure(
      `${url} answered ${status} without saying why`,
      'Check that a filrouge server is behind this address',
    );
  }
  const { title = `the server answered ${status}`, message = '', detail = '', pointer = '' } = problem;
  const mend = message.startsWith(title) ? message.slice(title.length).trim() : message;
  const more = [detail === mend ? '' : sentence(detail), pointer].filter((part) => part !== '').join(', ');
  const what = more === '' ? sentence(title) : `${sentence(title)} (${more})`;
  return new CommandFailure(what, sentence(mend) || 'See the log of the server');
}

/** No answer at all. */
export function failureOfNetwork(url: string, fault: unknown): CommandFailure {
  const why = reasonOf(fault);
  return new CommandFailure(
    `no server answers at ${url}${why === '' ? '' : ` (${why})`}`,
    'Start it with filrouge start, or name another with --url or FILROUGE_URL',
  );
}

type Told = Partial<Readonly<Record<'title' | 'message' | 'detail' | 'pointer', string>>>;

function problemIn(body: string): Told | undefined {
  try {
    const document = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
    if (document === null || typeof document !== 'object') return undefined;
    const named = ['title', 'message', 'detail', 'pointer'].filter((name) => typeof document[name] === 'string');
    return named.length === 0 ? undefined : Object.fromEntries(named.map((name) => [name, document[name]]));
  } catch {
    return undefined;
  }
}

function reasonOf(fault: unknown): string {
  const { cause } = fault as { readonly cause?: unknown };
  const { code } = (cause ?? fault ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return fault instanceof Error ? sentence(fault.message) : '';
}

function sentence(text: string): string {
  return text.trim().replace(/\.$/, '');
}

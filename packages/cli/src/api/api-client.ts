import { setTimeout as wait } from 'node:timers/promises';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { type Language, languageOf } from '../words/figures.ts';
import { type AskedWith, failureOfAnswer, failureOfNetwork } from './api-failure.ts';
import { filled, serverAddress } from './server-address.ts';

/** How long a report may take. Unit: ms. */
const ANSWER_MS_MAX = 120_000;
/** How often a read is tried that the server asks to repeat, and how long between at most. */
const READS_MAX = 12;
const WAIT_SECONDS_MAX = 10;

export type ApiMethod = 'GET' | 'POST' | 'DELETE';

/** Options of every command that asks a running server. */
export type ApiOptions = { readonly url?: string; readonly token?: string };

/** A running server's management API, asked with a token. Every call throws `CommandFailure` for a refusal or no answer. */
export type ApiClient = {
  readonly url: string;
  /** The JSON document of the answer; undefined where it has no body. */
  readonly call: (method: ApiMethod, path: string, body?: unknown) => Promise<unknown>;
  /** The answer to a GET in another form than JSON. */
  readonly text: (path: string, accept: string) => Promise<string>;
  /** The lines of a long answer to a GET, without their ends, as they come. Errors: also where it breaks off. */
  readonly lines: (path: string) => AsyncGenerator<string>;
};

/** The client of a command: the address of `--url` or the environment, the token of `--token` or FILROUGE_TOKEN. */
export function apiClientOf(context: CommandContext, options: ApiOptions): ApiClient {
  const url = serverAddress(options.url, context.environment);
  const token = filled(options.token) ?? filled(context.environment['FILROUGE_TOKEN']);
  if (token === undefined) {
    throw new CommandFailure(
      'no API token given',
      'Put one into FILROUGE_TOKEN or --token; the first start of a server prints one, and filrouge token create --offline makes another',
      EXIT.usage,
    );
  }
  const credential = filled(options.token) === undefined ? 'FILROUGE_TOKEN' : '--token';
  return createApiClient(url, token, context.stop, languageOf(context.environment), { typed: true, credential });
}

/** `language`: of the texts in its answers; `asked`: where what is asked came from. */
export function createApiClient(
  url: string,
  token: string,
  signal: AbortSignal,
  language: Language,
  asked: AskedWith = {},
): ApiClient {
  const answered = async (method: ApiMethod, path: string, headers: Record<string, string>, body?: string) => {
    for (let tries = 1; ; tries += 1) {
      const init = {
        method,
        headers: { ...headers, authorization: `Bearer ${token}`, 'accept-language': language },
        ...(body === undefined ? {} : { body }),
      };
      const { status, text, retryAfterSeconds } = await ask(url, path, signal, init);
      if (status < 400) return text;
      // A report that waits for the projector says when to come back; what changes something is never repeated.
      const patient = method === 'GET' && status === 503 && retryAfterSeconds !== undefined && tries < READS_MAX;
      if (!patient) throw failureOfAnswer(url, { status, body: text }, asked);
      await wait(Math.min(retryAfterSeconds, WAIT_SECONDS_MAX) * 1_000, undefined, { signal });
    }
  };
  return {
    url,
    async call(method, path, body) {
      const headers = {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const text = await answered(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
      return text === '' ? undefined : document(url, text);
    },
    text: (path, accept) => answered('GET', path, { accept }),
    lines: (path) => linesOf(url, path, { signal, language, asked, token }),
  };
}

type Asking = {
  readonly signal: AbortSignal;
  readonly language: Language;
  readonly asked: AskedWith;
  readonly token: string;
};

async function* linesOf(url: string, path: string, { signal, language, asked, token }: Asking): AsyncGenerator<string> {
  try {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'accept-language': language },
      redirect: 'error',
      signal,
    });
    if (!answer.ok) throw failureOfAnswer(url, { status: answer.status, body: await answer.text() }, asked);
    let rest = '';
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } catch (fault) {
    signal.throwIfAborted();
    // What the reader of the lines throws comes here too, and is not the network's.
    throw fault instanceof CommandFailure || !isOfNetwork(fault) ? fault : failureOfNetwork(url, fault);
  }
}

function isOfNetwork(fault: unknown): boolean {
  return fault instanceof TypeError || (fault instanceof Error && fault.cause !== undefined);
}

/** One request without token; answers whatever status came. Errors: `CommandFailure` when nothing answers. */
export async function ask(
  url: string,
  path: string,
  signal: AbortSignal,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string; readonly retryAfterSeconds?: number }> {
  try {
    const answer = await fetch(`${url}${path}`, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    const after = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const told = { status: answer.status, text: await answer.text() };
    return Number.isFinite(after) ? { ...told, retryAfterSeconds: after } : told;
  } catch (fault) {
    signal.throwIfAborted();
    throw failureOfNetwork(url, fault);
  }
}

function document(url: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailure(
      `${url} answered something else than JSON`,
      'Check that a filrouge server is behind this address',
    );
  }
}

import http from 'node:http';
import https from 'node:https';

/** What a server answered; `retryAfterSeconds` where it asked for patience. */
export type Answer = {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
  /** One value each. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
};

/** How long an answer may take: a commit waits for a disk, not for ever. Unit: ms. */
const ANSWER_MS_MAX = 60_000;
/** Characters of an answer that are kept. */
const ANSWER_CHARACTERS_MAX = 4 * 1024 * 1024;

/** Posts JSON bodies to one server over connections that stay open. */
export class Poster {
  readonly #base: URL;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(url: string, connectionsMax: number) {
    this.#base = new URL(url);
    const secure = this.#base.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: connectionsMax };
    this.#agent = secure ? new https.Agent(options) : new http.Agent(options);
    this.#request = secure ? https.request : http.request;
  }

  /** Errors: those of the connection; AbortError once `signal` fires. */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
    signal: AbortSignal,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.#request(
        {
          hostname: this.#base.hostname,
          port: this.#base.port,
          path: `${this.#base.pathname.replace(/\/$/, '')}${path}`,
          method: 'POST',
          agent: this.#agent,
          signal,
          timeout: ANSWER_MS_MAX,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            if (text.length < ANSWER_CHARACTERS_MAX) text += piece;
          });
          response.on('error', reject);
          response.on('end', () => resolve(answerOf(response, text)));
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)));
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answerOf(response: http.IncomingMessage, body: string): Answer {
  const status = response.statusCode ?? 0;
  const seconds = Number(response.headers['retry-after']);
  const told = { status, body, headers: response.headers };
  return Number.isFinite(seconds) && seconds >= 0 ? { ...told, retryAfterSeconds: seconds } : told;
}

import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** One request as it left an unmodified client, and what it was answered. */
export type Captured = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the client was told: a status, or `reset` where the connection was cut. */
  readonly answer: number | 'reset';
};

/**
 * How the next request that carries events is treated. `reset-when-taken` hands it to the server and cuts the
 * connection before the answer: the client cannot know that it was accepted.
 */
export type Mischief =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: 'reset-when-taken' };

export type CapturingFront = {
  readonly url: string;
  readonly captured: readonly Captured[];
  /** Treats the next requests with events badly, in this order. */
  misbehave(...steps: readonly Mischief[]): void;
  /** Forgets what was captured. */
  clear(): void;
  close(): Promise<void>;
};

/** A proxy between clients and server that remembers every request and fails on command. */
export async function openCapturingFront(target: string): Promise<CapturingFront> {
  const captured: Captured[] = [];
  const mischief: Mischief[] = [];
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming);
    const step = incoming.method === 'POST' ? mischief.shift() : undefined;
    const note = (answer: Captured['answer']): void => {
      captured.push(captureOf(incoming, body, answer));
    };
    if (step?.kind === 'status') {
      note(step.status);
      const { origin } = incoming.headers;
      outgoing.writeHead(step.status, {
        ...(origin === undefined
          ? {}
          : { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'Retry-After' }),
        ...(step.retryAfterSeconds === undefined ? {} : { 'retry-after': String(step.retryAfterSeconds) }),
      });
      outgoing.end('{}');
      return;
    }
    const answer = await forward(target, incoming, body);
    if (step?.kind === 'reset-when-taken') {
      note('reset');
      incoming.socket.resetAndDestroy();
      return;
    }
    note(answer.status);
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    captured,
    misbehave: (...steps) => mischief.push(...steps),
    clear: () => captured.splice(0),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** The Host header stays the client's: the settings answer names the address that the client used. */
function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(incoming.url ?? '/', target);
    const { method = 'GET', headers } = incoming;
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      bytesOf(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function captureOf(incoming: IncomingMessage, body: Buffer, answer: Captured['answer']): Captured {
  const url = new URL(incoming.url ?? '/', 'http://front.test');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.search,
    headers: incoming.headers,
    body: unpack(body, incoming.headers['content-encoding']).toString('utf8'),
    answer,
  };
}

function unpack(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body);
  if (encoding === 'deflate') return inflateSync(body);
  return encoding === 'br' ? brotliDecompressSync(body) : body;
}

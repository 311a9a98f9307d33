import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IMPORT_SOURCE_HEADER } from '@filrouge/wire';

/** What came in, and what to answer. */
export type DoorCall = {
  readonly path: string;
  readonly writeKey: string;
  /** Of which source the key is said to be. */
  readonly source: string | undefined;
  readonly batch: readonly Record<string, unknown>[];
};
export type DoorAnswer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

/** An HTTP server in the place of a running filrouge, for what a healthy one never answers. */
export async function openFakeDoor(
  answer: (call: DoorCall, rank: number) => DoorAnswer,
): Promise<{ readonly url: string; readonly calls: readonly DoorCall[]; readonly close: () => Promise<void> }> {
  const calls: DoorCall[] = [];
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const { batch = [] } = JSON.parse(text) as { batch?: Record<string, unknown>[] };
      const source = request.headers[IMPORT_SOURCE_HEADER]?.toString();
      const call = { path: request.url ?? '', writeKey: String(request.headers['x-write-key']), source, batch };
      calls.push(call);
      const { status, body = {}, headers = {} } = answer(call, calls.length - 1);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}

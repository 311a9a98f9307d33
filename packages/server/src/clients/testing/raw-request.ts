import { PEOPLES_AGENT } from './chromium-site.ts';
import { basic, type ClientHouse } from './client-house.ts';

export type RawAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly json: {
    readonly code?: string;
    readonly pointer?: string;
    readonly title?: string;
    readonly detail?: string;
    readonly message?: string;
    readonly rejected?: readonly {
      readonly index: number;
      readonly code: string;
      readonly pointer: string;
      readonly count?: number;
    }[];
  };
};

/** A request written by hand, with the key of a source. */
export async function send(
  house: ClientHouse,
  source: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(house.url + path, {
    method: 'POST',
    headers: { ...basic(house.keyOf(source)), 'user-agent': PEOPLES_AGENT, ...headers },
    body: bytes as string,
  });
  const text = await response.text();
  const json =
    response.headers.get('content-type')?.includes('json') === true ? (JSON.parse(text) as RawAnswer['json']) : {};
  return { status: response.status, headers: response.headers, json };
}

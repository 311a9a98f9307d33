import type { JsonObject } from '@filrouge/domain/base';
import { itemsOf } from './capture.ts';
import type { Captured } from './capturing-front.ts';

/** How a client speaks, without what it says. */
export type WireForm = {
  readonly request: string;
  /** Every place in which the write key stood. */
  readonly auth: readonly ('basic' | 'x-write-key' | 'body')[];
  readonly contentType: string;
  readonly encoding: string;
  /** Keys around the batch; `item` where the body is the one item. */
  readonly frame: readonly string[] | 'item';
  /** Fields of the first item that hold a time. */
  readonly times: readonly string[];
};

const TIMES = ['timestamp', 'originalTimestamp', 'sentAt'];

/** The forms in which a client sent its events, each once, in the order of their first use. */
export function wireForms(requests: readonly Captured[], writeKey: string): readonly WireForm[] {
  const forms = requests.map((request) => wireForm(request, writeKey));
  const seen = new Set<string>();
  return forms.filter((form) => {
    const text = JSON.stringify(form);
    return seen.has(text) ? false : seen.add(text) !== undefined;
  });
}

function wireForm(request: Captured, writeKey: string): WireForm {
  const { method, path, headers, body } = request;
  const json = JSON.parse(body) as JsonObject;
  const [item = {}] = itemsOf(request);
  return {
    request: `${method} ${path}`,
    auth: authOf(request, json, writeKey),
    contentType: headers['content-type'] ?? '',
    encoding: headers['content-encoding'] ?? '',
    frame: 'batch' in json ? Object.keys(json).sort() : 'item',
    times: TIMES.filter((field) => field in item),
  };
}

function authOf({ headers }: Captured, json: JsonObject, writeKey: string): WireForm['auth'] {
  const basic = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString('utf8');
  return [
    ...(basic === `${writeKey}:` ? (['basic'] as const) : []),
    ...(String(headers['x-write-key']).startsWith(writeKey) ? (['x-write-key'] as const) : []),
    ...(json['writeKey'] === writeKey ? (['body'] as const) : []),
  ];
}

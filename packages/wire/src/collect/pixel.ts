import { accept, type Result, refuse } from '@filrouge/domain/base';
import { COLLECT_LIMITS, type JsonLimits } from '../json/limits.ts';
import { normalise } from '../json/normalise.ts';
import { type ParsedItem, parseItem } from '../json/parse-item.ts';
import { checkBytes, measureItem } from '../json/scan.ts';
import { pointerOf, type Refusal, refusalOf } from '../problem/refusal.ts';
import { type Frame, itemFrame } from './frame.ts';
import type { PixelRoute } from './route.ts';
import { translated } from './translate.ts';

/**
 * Reads a pixel: Segment's `?data=` (base64, base64url or plain JSON) or dotted parameters such as
 * `userId=u&event=Email Opened&properties.subject=…` (Segment without encoding, RudderStack). Values of dotted
 * parameters are strings. The query is given without its question mark.
 */
export function readPixel(
  route: PixelRoute,
  query: string,
  limits: JsonLimits = COLLECT_LIMITS,
): Result<Frame, Refusal> {
  if (query.length > limits.itemBytesMax * 2) return refuse(refusalOf('item-too-large', ''));
  const parameters = new URLSearchParams(query);
  const data = parameters.get('data');
  const read = data === null ? fromParameters(parameters, limits) : fromData(data, limits);
  const item = read.ok ? translated(route.form, read.value) : read;
  return item.ok ? accept(itemFrame(route, item.value)) : item;
}

function fromData(data: string, limits: JsonLimits): Result<ParsedItem, Refusal> {
  // A plus sign of plain base64 reaches us as a space, because the query was decoded as a form.
  const bytes = data.trimStart().startsWith('{')
    ? Buffer.from(data, 'utf8')
    : Buffer.from(data.replaceAll(' ', '+'), 'base64');
  const start = checkBytes(bytes, limits);
  if (!start.ok) return refuse(refusalOf('pixel-data-unreadable', '/data'));
  const parsed = parseItem(bytes, measureItem(bytes, start.value, bytes.length), limits);
  if (!parsed.ok && parsed.refusal.code === 'json-malformed') {
    return refuse(refusalOf('pixel-data-unreadable', '/data', parsed.refusal.detail));
  }
  return parsed;
}

type Tree = { [key: string]: Tree | string };

function fromParameters(parameters: URLSearchParams, limits: JsonLimits): Result<ParsedItem, Refusal> {
  const tree: Tree = {};
  let keys = 0;
  for (const [name, value] of parameters) {
    const path = name.split('.');
    keys += path.length;
    if (keys > limits.keysMax) return refuse(refusalOf('keys-exceeded', ''));
    if (path.length > limits.depthMax) return refuse(refusalOf('depth-exceeded', ''));
    const fault = put(tree, path, value);
    if (fault !== undefined) return refuse(fault);
  }
  const normal = normalise(tree);
  if (normal.fault !== undefined) return refuse(normal.fault);
  const { identityToken } = normal;
  const item = { json: normal.value as ParsedItem['json'], marks: normal.marks, inexact: new Set<string>() };
  return accept(identityToken === undefined ? item : { ...item, identityToken });
}

function put(tree: Tree, path: readonly string[], value: string): Refusal | undefined {
  let at = tree;
  for (const [step, name] of path.entries()) {
    if (name === '__proto__') return refusalOf('forbidden-key', pointerOf(path.slice(0, step + 1)));
    const here = Object.hasOwn(at, name) ? at[name] : undefined;
    if (step === path.length - 1) {
      if (here !== undefined) return refusalOf('duplicate-key', pointerOf(path));
      at[name] = value;
      return undefined;
    }
    if (typeof here === 'string') return refusalOf('duplicate-key', pointerOf(path.slice(0, step + 1)));
    const next: Tree = here ?? {};
    at[name] = next;
    at = next;
  }
  return undefined;
}

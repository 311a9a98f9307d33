import { isJsonObject, type Json, type JsonObject } from '@filrouge/domain/base';
import type { IncomingItem } from '@filrouge/domain/event';
import type { Identifier } from '@filrouge/domain/identity';

/** What stands where an erased identifier stood. */
const GAP = '•';
/** Parts of a context that are about the person: traits, and identifiers beside those of the call. */
const PERSONAL_CONTEXT: ReadonlySet<string> = new Set(['traits', 'externalIds']);

/** What of an item speaks about its person. */
export type Words = Pick<IncomingItem, 'name' | 'traits' | 'properties' | 'context' | 'receipt'>;

/**
 * What an item may still say after some of its identifiers were found erased (S14). A sale that names nobody any more
 * keeps its receipt alone, without the coupon, which is made for one person. An item that stays with somebody else, such
 * as the visitor of a shared terminal, loses all traits and every text in which an erased identifier stands.
 */
export function withoutErased(item: Words, erased: readonly Identifier[], nobodyLeft: boolean): Words {
  const { coupon: _, ...receipt } = item.receipt ?? {};
  const sale = item.receipt === undefined ? {} : { receipt: receipt as typeof item.receipt };
  const values = erased.flatMap(({ value }) => [value.toLowerCase(), encodeURIComponent(value).toLowerCase()]);
  const name = withoutTexts(item.name, values) as string;
  if (nobodyLeft) return { name, traits: {}, properties: {}, context: {}, ...sale };
  const context = Object.fromEntries(Object.entries(item.context).filter(([field]) => !PERSONAL_CONTEXT.has(field)));
  return {
    name,
    traits: {},
    properties: withoutTexts(item.properties, values) as JsonObject,
    context: withoutTexts(context, values) as JsonObject,
    ...sale,
  };
}

function withoutTexts(value: Json, texts: readonly string[]): Json {
  const names = (text: string): boolean => texts.some((each) => text.toLowerCase().includes(each));
  if (typeof value === 'string') return names(value) ? GAP : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => withoutTexts(each, texts));
  if (!isJsonObject(value)) return value;
  const left: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value)) if (!names(key)) left.push([key, withoutTexts(inner, texts)]);
  return Object.fromEntries(left);
}

import type { SourceKind } from '@filrouge/domain/deployment';
import { isbot } from 'isbot';

const CACHE_SIZE_MAX = 4_096;
const USER_AGENT_LENGTH_MAX = 1_024;
const seen = new Map<string, boolean>();

/** The HTTP stacks of phones, which a list made for web sites takes for scripts. */
const APP_STACK = /okhttp|cfnetwork|dalvik|darwin|expo|react-native|alamofire/i;

/**
 * Whether the user agent is a crawler's, monitor's or script's. Only people's terminals are asked: a server or a till
 * is a program by nature. Answers are remembered, because a site sees few user agents many times.
 */
export function isBotAgent(kind: SourceKind, contextAgent: unknown, requestAgent: string | undefined): boolean {
  if (kind !== 'web' && kind !== 'app') return false;
  const agent = typeof contextAgent === 'string' && contextAgent !== '' ? contextAgent : requestAgent;
  if (agent === undefined || agent === '' || agent.length > USER_AGENT_LENGTH_MAX) return false;
  if (kind === 'app' && APP_STACK.test(agent)) return false;
  const known = seen.get(agent);
  if (known !== undefined) return known;
  const bot = isbot(agent);
  if (seen.size >= CACHE_SIZE_MAX) seen.clear();
  seen.set(agent, bot);
  return bot;
}

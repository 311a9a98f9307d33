import type { Json, JsonObject } from '@filrouge/domain/base';
import { brandOf } from './brands.ts';
import type { Touch } from './campaigns.ts';
import type { Hit, Stay } from './hits.ts';

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
];
const MOBILES = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
];
const CRAWLERS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ExampleBot/1.0; +https://bots.example/about)',
];

/** What the app's library says of itself; without it, an item is judged by whoever posts it, and a replay is no person. */
const APP_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';

/** The user agent of a stay: it is what tells a crawler. */
function userAgentOf(stay: Stay): string {
  const draw = stay.kind === 'kiosk' ? 0 : stay.terminal.userAgent;
  const list =
    stay.kind === 'crawl'
      ? CRAWLERS
      : stay.kind !== 'kiosk' && stay.terminal.name.startsWith('laptop')
        ? BROWSERS
        : MOBILES;
  return list[draw % list.length] as string;
}

/** `context` of a call from a browser. */
export function webContext(stay: Stay, hit: Hit): JsonObject {
  return {
    page: pageOf(stay, hit),
    userAgent: userAgentOf(stay),
    locale: 'fr-FR',
    timezone: 'Europe/Paris',
    ...campaignOf(stay, hit),
    library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
  };
}

/** `context` of a call from the app, or from the shop's tablet. */
export function appContext(stay: Stay, deviceId: string | undefined): JsonObject {
  const brand = brandOf(stay.relation.brand);
  return {
    app: { name: brand.name, version: '5.12.0', namespace: `example.${brand.key}` },
    ...(deviceId === undefined ? {} : { device: { id: deviceId, type: 'ios' } }),
    os: { name: 'iOS', version: '18.6' },
    userAgent: APP_AGENT,
    locale: 'fr-FR',
    timezone: 'Europe/Paris',
    library: { name: '@segment/analytics-react-native', version: '2.21.4' },
  };
}

function pageOf(stay: Stay, hit: Hit): JsonObject {
  const { domain, name } = brandOf(stay.relation.brand);
  const path = pathOf(hit);
  const search = hit.type === 'search' ? `?q=${encodeURIComponent(hit.text)}` : utmOf(hit.touch);
  return {
    path,
    url: `https://www.${domain}${path}${search}`,
    referrer: referrerOf(stay, hit),
    search,
    title: `${hit.text} | ${name}`,
  };
}

function pathOf(hit: Hit): string {
  if (hit.product !== undefined) return `/p/${hit.product.sku.toLowerCase()}`;
  if (hit.type === 'search') return '/recherche';
  return hit.type === 'page' && hit.text !== 'Accueil' && hit.text !== 'Lettre' ? `/c/${hit.text.toLowerCase()}` : '/';
}

function utmOf(touch: Touch | undefined): string {
  return touch === undefined ? '' : `?utm_source=${touch.source}&utm_medium=${touch.medium}&utm_campaign=${touch.name}`;
}

function referrerOf(stay: Stay, hit: Hit): string {
  if (hit.touch?.medium === 'affiliation') return `https://${hit.touch.source}.example/`;
  if (stay.kind !== 'visit' || (stay.touch !== undefined && stay.touch.source !== 'search')) return '';
  if (stay.touch !== undefined) return 'https://search.example/';
  return stay.terminal.userAgent % 3 === 0 ? 'https://search.example/' : '';
}

/** The landing page's own, else what brought the visit. */
function campaignOf(stay: Stay, hit: Hit): Record<string, Json> {
  const touch = hit.touch ?? (stay.kind === 'visit' ? stay.touch : undefined);
  return touch === undefined ? {} : { campaign: { ...touch } };
}

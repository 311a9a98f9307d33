import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type ChromiumSite, openChromiumSite } from './chromium-site.ts';
import { type BrandSketch, type ClientHouse, NOTICE, openClientHouse, type SourceSketch } from './client-house.ts';

/** A house and a site with a browser in it; they are open while a test runs. */
export type BrowserStage = { readonly house: ClientHouse; readonly site: ChromiumSite };

/** A source that declares what the stamps of a consent tool mean. */
export const STAMPED: SourceSketch = {
  id: 'stamped',
  kind: 'web',
  stamps: {
    noticeId: NOTICE.id,
    noticeVersion: NOTICE.version,
    categories: { mesure: ['audience_measurement'], pub: ['advertising'] },
  },
};

/** What all tests of a file share, opened before the first and closed after the last; the front forgets between two. */
export function useBrowserStage(sources: readonly SourceSketch[], brand: BrandSketch = {}): BrowserStage {
  let house: ClientHouse;
  let site: ChromiumSite;
  beforeAll(async () => {
    house = await openClientHouse(sources, brand);
    site = await openChromiumSite();
  });
  afterAll(async () => {
    await site.close();
    await house.close();
  });
  beforeEach(() => house.front.clear());
  return {
    get house() {
      return house;
    },
    get site() {
      return site;
    },
  };
}

import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenStores, StoresUnderTest } from './stores-under-test.ts';

/** The stores that the tests of a suite share; they are open while a test runs. */
export type Current = () => StoresUnderTest;

/** A suite of one engine: `describeParts` declares its tests over stores that are opened once and closed after the last. */
export function describeStores(engine: string, open: OpenStores, describeParts: (current: Current) => void): void {
  describe(engine, () => {
    let stores: StoresUnderTest;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());
    describeParts(() => stores);
  });
}

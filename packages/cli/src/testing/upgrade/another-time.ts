// Loaded before a program (`node --import`): its clock stands where FILROUGE_TEST_NOW says when it starts, and goes on.
const now = Number(process.env['FILROUGE_TEST_NOW']);
if (Number.isFinite(now)) {
  const Real = Date;
  const aside = now - Real.now();
  globalThis.Date = class extends Real {
    constructor(...given: readonly unknown[]) {
      if (given.length === 0) super(Real.now() + aside);
      else super(...(given as [number]));
    }

    static override now(): number {
      return Real.now() + aside;
    }
  } as DateConstructor;
}

/** What a stage of `npm test` found. `count` is how many files, modules or tests it really looked at. */
export type StageResult = {
  readonly ok: boolean;
  readonly count: number;
  readonly tests?: { readonly passed: number; readonly failed: number };
};

/** One check of `npm test`. */
export type Stage = {
  readonly name: string;
  /** What `count` counts, in the plural. */
  readonly unit: string;
  /** The least it must have looked at: no guard may pass on nothing. Raise it as the house grows. */
  readonly floor: number;
  /** Whether it can be narrowed to some files, as `npm test -- --only unit packages/wire` does. */
  readonly takesFilters: boolean;
  run(filters: readonly string[]): Promise<StageResult>;
};

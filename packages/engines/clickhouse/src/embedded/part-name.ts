/** What the name of a part says: its partition, the blocks that it holds, how often it was merged and mutated. */
export type PartName = {
  readonly partition: string;
  readonly first: number;
  readonly last: number;
  readonly level: number;
  readonly mutation: number;
};

/** `202611_1_7_2` or `202611_1_7_2_9`; undefined for a directory of another kind. */
export function parsePartName(name: string): PartName | undefined {
  const match = /^([^_]+)_(\d+)_(\d+)_(\d+)(?:_(\d+))?$/.exec(name);
  if (match === null) return undefined;
  const [, partition = '', first, last, level, mutation = '0'] = match;
  return { partition, first: Number(first), last: Number(last), level: Number(level), mutation: Number(mutation) };
}

/** Of the parts that lie in a table's directory those that no other one stands for: merged ones stay a moment. */
export function standingParts(names: readonly string[]): readonly string[] {
  const parts = names.flatMap((name) => {
    const part = parsePartName(name);
    return part === undefined ? [] : [{ name, part }];
  });
  return parts
    .filter((one) => !parts.some((other) => other.name !== one.name && covers(other.part, one.part)))
    .map(({ name }) => name);
}

function covers(whole: PartName, part: PartName): boolean {
  return (
    whole.partition === part.partition &&
    whole.first <= part.first &&
    whole.last >= part.last &&
    whole.level >= part.level &&
    whole.mutation >= part.mutation
  );
}

import type { ImportKind } from '../import-kind.ts';
import { normalName } from './normal-name.ts';

/** A known export: the columns it is recognised by, and what its columns mean where their names do not say it. */
export type Preset = {
  readonly name: string;
  readonly kinds: readonly ImportKind[];
  /** Names that stand in every such file, and together in no other; several lists where the export has several forms. */
  readonly recognisedBy: readonly (readonly string[])[];
  /** Their column -> ours. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns of yes and no -> the purpose that the box stood beside. */
  readonly optIns: Readonly<Record<string, string>>;
  /** Names that look like something of ours and are something else. */
  readonly leftOut: readonly string[];
  /** The zone of its times without offset, where that is not the store's. */
  readonly zone?: string;
};

/** A preset by the names of a file, each in its normal form. */
export type NamedPreset = {
  readonly name: string;
  readonly columns: ReadonlyMap<string, string>;
  readonly optIns: ReadonlyMap<string, string>;
  readonly leftOut: ReadonlySet<string>;
};

/** Whether a file's first line is that of a preset. */
export function recognises(preset: Preset, header: readonly string[]): boolean {
  const names = new Set(header.map(normalName));
  return preset.recognisedBy.some((list) => list.every((each) => names.has(normalName(each))));
}

export function namedPreset(preset: Preset): NamedPreset {
  const normal = (table: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
    new Map(Object.entries(table).map(([theirs, ours]) => [normalName(theirs), ours]));
  return {
    name: preset.name,
    columns: normal(preset.columns),
    optIns: normal(preset.optIns),
    leftOut: new Set(preset.leftOut.map(normalName)),
  };
}

import { appendFile } from 'node:fs/promises';

/** What a goal of the fault table came to (docs/reliability.md). */
export type FaultRow = {
  /** Its name, and what of it where it has several rows: `G4`, `G4 EIO`. */
  readonly goal: string;
  /** How often it was tried, and what one of those is. */
  readonly tried: number;
  readonly of: string;
  /** Of what was acknowledged. */
  readonly lost: number;
  readonly duplicated: number;
  /** What came out that must not. */
  readonly leaked: number;
  /** Figures that are reported and bound to nothing, in a few words. */
  readonly measured: string;
  /** Every assertion held: a row is told as the last thing of its test. */
  readonly met: boolean;
};

/** File to which rows are added, a JSON line each, for the table at the end (`tools/faults.ts`). */
const TABLE = process.env['FILROUGE_FAULTS_TABLE'];

/** Prints the row of a goal: `goal | tried | lost | duplicated | leaked | measured`. */
export async function tellFault(row: FaultRow): Promise<void> {
  const { goal, tried, of, lost, duplicated, leaked, measured } = row;
  const figures = [lost, duplicated, leaked].map((figure) => figure.toLocaleString('en'));
  console.info([goal, `${tried.toLocaleString('en')} ${of}`, ...figures, measured].join(' | '));
  if (TABLE !== undefined) await appendFile(TABLE, `${JSON.stringify(row)}\n`);
}

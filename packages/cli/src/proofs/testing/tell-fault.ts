import { appendFile } from 'node:fs/promises';

/** One line of the table of `npm run test:faults` (`tools/faults.ts`), which names the file that it is gathered in. */
export async function tellFault(row: {
  readonly goal: string;
  readonly tried: number;
  /** What one of those is. */
  readonly of: string;
  readonly lost: number;
  readonly duplicated: number;
  readonly leaked: number;
  readonly measured: string;
  readonly met: boolean;
}): Promise<void> {
  const line = JSON.stringify(row);
  console.info(line);
  const table = process.env['FILROUGE_FAULTS_TABLE'];
  if (table !== undefined) await appendFile(table, `${line}\n`);
}

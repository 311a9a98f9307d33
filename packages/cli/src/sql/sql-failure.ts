import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import { numberOf, textOf } from '../api/answer-document.ts';
import type { FailureWords } from '../api/reworded.ts';
import type { ServerProblem } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';

/** What the server's limits refuse, and what fails on a row, is no fault of the command line. */
const NO_USAGE = new Set(['sql-failed', 'sql-too-slow', 'sql-too-much-memory', 'sql-too-large', 'sql-busy']);

/** A refused query in the words of the command: what, where, and the line with a mark under the place. */
export function sqlFailure(problem: ServerProblem, query: string): FailureWords | undefined {
  const { code, pointer, choices } = problem;
  if (code === 'field-missing' && pointer === '/brand') {
    const names = Array.isArray(choices) ? choices.filter((name) => typeof name === 'string').join(', ') : '';
    return {
      what: 'no brand is named, and the token is bound to none',
      mend: names === '' ? 'Name one with --brand' : `Name one with --brand: ${names}`,
      exitCode: EXIT.usage,
    };
  }
  if (typeof code !== 'string' || !code.startsWith('sql-') || !Object.hasOwn(PROBLEMS, code)) return undefined;
  const { message, mend } = PROBLEMS[code as ProblemCode].en;
  const what = textOf(problem['what']);
  return {
    what: `${sentence(message)}${what === undefined ? '' : `: ${what}`}${placeIn(query, problem)}`,
    mend: sentence(mend),
    exitCode: NO_USAGE.has(code) ? EXIT.failed : EXIT.usage,
  };
}

function placeIn(query: string, problem: ServerProblem): string {
  const line = numberOf(problem['line']);
  const column = numberOf(problem['column']);
  if (line === undefined || column === undefined) return '';
  const text = (query.split('\n')[line - 1] ?? '').replaceAll('\t', ' ');
  return ` (line ${line}, column ${column})\n  ${text}\n  ${' '.repeat(column - 1)}^ here`;
}

function sentence(text: string): string {
  return text.replace(/\.$/, '');
}

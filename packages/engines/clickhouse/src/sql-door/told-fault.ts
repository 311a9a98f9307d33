import type { SqlRefusal } from '@filrouge/ports';

/** What the engine threw, as far as this door decides on it. */
export type Fault = { readonly code: number; readonly type: string; readonly message: string };

/** Numbers of ClickHouse's src/Common/ErrorCodes.cpp. */
const LIMITS: Readonly<Record<number, SqlRefusal['code']>> = {
  159: 'time',
  160: 'time',
  209: 'time',
  394: 'time',
  173: 'memory',
  241: 'memory',
  158: 'size',
  191: 'size',
  307: 'size',
  396: 'size',
  161: 'size',
  202: 'busy',
  203: 'busy',
};
/** Parser's own: syntax, and a text that is too deep, too big or too slow to be read. */
const UNREADABLE = new Set([62, 61, 167, 168, 306]);
const SENTENCE_MAX = 300;
/** The engine repeats what follows in the query, which may be long. */
const MESSAGE_MAX = 4_000;

/** A fault while a query was read or understood: nothing of the data was touched, so the engine's sentence may be told. */
export function faultOfText(fault: Fault, plain: string): SqlRefusal {
  const limit = LIMITS[fault.code];
  if (limit !== undefined) return { code: limit };
  if (fault.code === 456) return { code: 'parameter', what: named(fault.message) };
  if (fault.code === 457) return { code: 'parameter', what: fault.type };
  if (!UNREADABLE.has(fault.code)) return { code: 'wrong', what: sentenceOf(fault) };
  const place =
    /failed at position \d+ \(([\s\S]*?)\) \(line (\d+), col (\d+)\)[\s\S]*?(?:Expected one of: ([\s\S]*?))?\.\s*(?:\(SYNTAX_ERROR\))?\s*$/.exec(
      fault.message.slice(0, MESSAGE_MAX),
    );
  if (place === null) return { code: 'unreadable', what: fault.type };
  const [, near = '', line = '2', column = '1', expected = ''] = place;
  const wanted = expected === '' ? '' : `; expected ${shortened(expected)}`;
  return {
    code: 'unreadable',
    what: `${near === 'end of query' ? 'the query ends too early' : `at ${near.slice(0, 60)}`}${wanted}`,
    at: placeOfBytes(plain, Number(line) - LINES_BEFORE, Number(column)),
  };
}

/** A fault while rows were read: its sentence may quote one, so its name alone is told. */
export function faultOfRows({ code, type }: Fault): SqlRefusal {
  const limit = LIMITS[code];
  return limit === undefined ? { code: 'failed', what: type } : { code: limit };
}

/** Lines that stand before a query's own text wherever it is sent. */
const LINES_BEFORE = 1;

/** The engine counts columns in bytes, people in characters. */
function placeOfBytes(plain: string, line: number, column: number): { readonly line: number; readonly column: number } {
  const text = plain.split('\n')[line - 1] ?? '';
  return {
    line,
    column:
      Buffer.from(text)
        .subarray(0, column - 1)
        .toString('utf8').length + 1,
  };
}

/** The engine repeats the whole statement as the scope of what it does not know, ours around it included. */
function sentenceOf({ message, type }: Fault): string {
  const bare = message
    .replace(/^[\s\S]*?DB::Exception: /, '')
    .replace(/ \(version [^)]*\)/, '')
    .replace(/ \([A-Z_]+\)\s*$/, '');
  const maybe = /Maybe you meant: \[[^\]]*\]/.exec(bare)?.[0];
  const cut = bare.split(/[.:,]? ?\b[Ii]n (?:scope|query|table)\b|: While |, while |\bWITH events\b|__table/)[0] ?? '';
  const sentence = cut.trim().replace(/[.:,]$/, '');
  const told = sentence === '' ? type : sentence.slice(0, SENTENCE_MAX);
  return maybe === undefined || told.includes(maybe) ? told : `${told}. ${maybe}`;
}

function named(message: string): string {
  return /Substitution `(\w+)`/.exec(message)?.[1] ?? '';
}

/** The first of a long list of what could have stood there. */
function shortened(expected: string): string {
  const all = expected
    .split(', ')
    .filter((each) => !/^(?:token.*|ParallelWithClause|PARALLEL WITH|SETTINGS|FORMAT|INTO OUTFILE)$/.test(each));
  return all.length > 8 ? `${all.slice(0, 8).join(', ')}, …` : all.join(', ');
}

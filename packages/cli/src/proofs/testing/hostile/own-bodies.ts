/** What stands in the place of a JSON value, and is none, or none that may be kept. */
export function ownBodies(): readonly Buffer[] {
  const texts = [
    '', ' ', '{', '}', '[', '[1,]', '{"a":1,}', "{'a':1}", '{a:1}', '01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', 'undefined', 'nul',
    '"\\x41"', '"\\u12"', '"tab\there"', '"line\nhere"', '"open', '// x\n1', '/* x */1', '1 2', '\uFEFF1', '\uFEFF\uFEFF1',
    '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"\\u0061":1,"a":2}',
    '{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"\\u005f_proto__":{"isAdmin":true}}',
    '"\\u0000"', '{"\\u0000":1}', '"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800":1,"\\udfff":2}',
    '9007199254740993', '-9223372036854775809', '1e400', '-1e400', '1e-400', '-0', `1${'0'.repeat(5_000)}`, `0.${'1'.repeat(5_000)}`,
    `"${'a'.repeat(40_000)}"`, `[${'1,'.repeat(12_000)}1]`, `{${Array.from({ length: 1_200 }, (_, at) => `"k${at}":0`).join(',')}}`,
    ...[31, 32, 33, 100, 1_500, 15_000].flatMap((n) => [`${'['.repeat(n)}${']'.repeat(n)}`, `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`, '['.repeat(n)]),
  ]; // biome-ignore format: a list
  const bytes = [
    '22ff22',
    '22c080 22',
    '22eda080 22',
    '22f4908080 22',
    '22c3 22',
    '22fffe 22',
    '00',
    '2200 22',
    'fffe7b007d00',
    'feff007b007d',
    '1f8b0800',
  ];
  return [
    ...texts.map((text) => Buffer.from(text)),
    ...bytes.map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')),
  ];
}

/** Calls of which one thing is wrong, and that can be told from those beside them. */
export function ownCalls(): readonly string[] {
  const call = (members: string): string => `{"type":"track","event":"x","userId":"somebody",${members}}`;
  return [
    call('"properties":{"v":1,"v":2}'),
    call('"properties":{"__proto__":{"isAdmin":true}}'),
    call('"properties":{"v":1e400}'),
    call('"timestamp":"not a day"'),
    call(`"properties":${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
    call('"properties":{"v":"\\ud800\\u0000"}'),
    '{"type":"track","event":"x","userId":"\\ud800"}',
    '{"type":"receipt"}',
  ];
}

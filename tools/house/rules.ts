import { codeOf, type SourceFile } from './source-files.ts';

/** A rule that no tool knows: the files that break it, each with what to do instead. */
export type HouseRule = {
  readonly title: string;
  readonly breaks: (file: SourceFile) => boolean;
};

const FORBIDDEN_NAMES = ['utils', 'util', 'types', 'helpers', 'helper', 'common', 'misc'];
const FILE_LINES_MAX = 400;

const isTest = (file: SourceFile): boolean => file.path.endsWith('.test.ts');
const inside = (folder: string) => (file: SourceFile) => file.path.startsWith(folder);
const inDomain = inside('packages/domain/src/');
/** What a retailer runs; the simulator writes the truth, tests compare with it. */
const inProduct = (file: SourceFile): boolean =>
  file.path.startsWith('packages/') &&
  !file.path.startsWith('packages/simulator/') &&
  !isTest(file) &&
  !file.path.includes('/testing/');
const inConsent = inside('packages/domain/src/consent/');

/** safeFetch itself, and the command, which asks the server that its user names. */
const MAY_CALL_OUT = [
  'packages/server/src/outgoing/',
  'packages/cli/src/api/api-client.ts',
  'packages/cli/src/http/poster.ts',
];
/** The engines' drivers are not among them: they are declared by their engine alone (knip finds a stranger). */
const CALLING_MODULE =
  /(['"])(?:node:(?:dgram|dns|dns\/promises|http|http2|https|net|tls)|(?:axios|cross-fetch|got|ky|node-fetch|superagent|undici|ws)(?:\/[^'"]*)?)\1/;
/** A listener and a type open nothing. */
const HARMLESS_IMPORT = /^import\s+(?:type\s*\{[^}]*\}|\{(?:\s*(?:createServer|type\s+\w+)\s*,?)+\s*\})\s*from\s.*$/gm;
const CALLING_GLOBAL =
  /(?:(?<![.\w$])|\b(?:globalThis|global)\s*\??\.\s*)(?:fetch|WebSocket|EventSource|XMLHttpRequest)\b(?!\s*:)|\bcreateRemoteJWKSet\b/;

export const HOUSE_RULES: readonly HouseRule[] = [
  {
    title: 'a file is named after its concept, never utils, types or helpers',
    breaks: (file) => FORBIDDEN_NAMES.includes(/([^/]+?)(\.test)?\.\w+$/.exec(file.path)?.[1] ?? ''),
  },
  {
    title: 'an index names what it exports: no export *',
    breaks: (file) => /^\s*export\s+\*/m.test(codeOf(file)),
  },
  {
    title: 'only packages/domain/src/consent mints Permitted',
    breaks: (file) =>
      !inConsent(file) && /\bas\s+(readonly\s+)?Permitted\b|<Permitted<[^>]*>>\s*[\w({]/.test(codeOf(file)),
  },
  {
    title: 'the domain has no clock: no new Date() without an argument',
    breaks: (file) =>
      inDomain(file) &&
      !isTest(file) &&
      /\bnew\s+Date\s*(\(\s*\)|(?!\s*\())|(?<!new\s+)\bDate\s*\(\s*\)/.test(codeOf(file)),
  },
  {
    title: `a file that is no test has at most ${FILE_LINES_MAX} lines`,
    breaks: (file) =>
      !isTest(file) && !file.path.includes('/testing/') && file.text.trimEnd().split('\n').length > FILE_LINES_MAX,
  },
  {
    title: 'no enum, namespace or parameter property: Node runs the file as it is',
    breaks: (file) => /^\s*(export\s+)?(const\s+)?(enum|namespace)\s+\w/m.test(codeOf(file)),
  },
  {
    title:
      'the truth of the simulated retailer is for tests and for the report on accuracy: nothing else names its file',
    breaks: (file) =>
      inProduct(file) &&
      !file.path.startsWith('packages/cli/src/accuracy/') &&
      /(['"`])(?:[\w./-]*\/)?(?:item-)?truth(?:\.n?d?json)?\1/.test(file.text),
  },
  {
    title: 'G14: nothing but safeFetch, the engines and the command opens a connection outwards',
    breaks: (file) =>
      file.path.startsWith('packages/') &&
      !isTest(file) &&
      !file.path.includes('/testing/') &&
      !MAY_CALL_OUT.some((place) => file.path.startsWith(place)) &&
      (CALLING_MODULE.test(file.text.replace(HARMLESS_IMPORT, '')) || CALLING_GLOBAL.test(codeOf(file))),
  },
];

// The arrows between the rooms (ARCHITECTURE.md, "Rooms"), as rules over resolved files.
const production = { pathNot: ['\\.test\\.ts$', '/testing/', '^(tools|bench|tests)/'] };

/** Room -> the rooms it may know, besides itself. */
const arrows = {
  domain: [],
  wire: ['domain'],
  ports: ['domain'],
  simulator: ['domain'],
  pipeline: ['domain', 'ports'],
  'engines/postgres': ['domain', 'ports'],
  'engines/clickhouse': ['domain', 'ports'],
  'engines/vault': ['domain', 'ports'],
  server: ['domain', 'wire', 'ports', 'pipeline', 'engines'],
  cli: ['domain', 'wire', 'server', 'simulator'],
};

const layers = Object.entries(arrows).map(([room, known]) => ({
  name: `layer-${room.replace('/', '-')}`,
  comment: known.length === 0 ? `${room} knows no other room.` : `${room} knows ${known.join(', ')} and itself.`,
  severity: 'error',
  from: { path: `^packages/${room}/src/`, ...production },
  to: { path: '^packages/', pathNot: [room, ...known].map((each) => `^packages/${each}/`) },
}));

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'Cycles, type-only imports included: what needs each other belongs in one file, or a third holds the shared part.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'unresolved',
      comment: 'An import that leads nowhere would hide the rules below it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...layers,
    {
      name: 'domain-without-packages',
      comment: 'The domain has no I/O and no dependency.',
      severity: 'error',
      from: { path: '^packages/domain/src/', ...production },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'engines-apart',
      comment: 'Engines do not see each other, in tests either.',
      severity: 'error',
      from: { path: '^packages/engines/([^/]+)/' },
      to: { path: '^packages/engines/', pathNot: '^packages/engines/$1/' },
    },
    {
      name: 'engines-by-compose',
      comment: 'packages/server/src/compose.ts is the only file that knows engines.',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: ['^packages/engines/', '^packages/server/src/compose\\.ts$', ...production.pathNot],
      },
      to: { path: '^packages/engines/' },
    },
    {
      name: 'no-testing-in-production',
      comment: 'Suites, in-memory engines for tests and other testing code stay out of production.',
      severity: 'error',
      from: { path: '^packages/', ...production },
      to: { path: ['/testing/', '^(tools|bench|tests)/'] },
    },
    {
      name: 'no-import-of-tests',
      comment: 'A test file exports nothing; what tests share lives in a testing folder.',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'no-inside-of-another-package',
      comment: 'A package is reached by its name, through its exports, not by a path into it.',
      severity: 'error',
      from: { path: '^packages/(engines/[^/]+|[^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API for the cruiser: beside it, its own parser reads nothing and says "no
    // violations". swc reads every file; tools/check/stages.ts fails when it saw too few.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|fixtures)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};

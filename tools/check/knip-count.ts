import type { Preprocessor } from 'knip';

/** Says how many files knip looked at: its reporters do not, and a guard without a count may be blind. */
const sayCount: Preprocessor = (options) => {
  process.stderr.write(`knip looked at ${options.counters.processed} files\n`);
  return options;
};

export default sayCount;

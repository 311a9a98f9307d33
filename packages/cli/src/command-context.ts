import { harmless } from './words/harmless.ts';

/** The options that every command takes, before or after its name. */
export type GlobalOptions = {
  /** Data as JSON on stdout, one document or one line each. */
  readonly json: boolean;
  /** No progress on stderr; failures are still said. */
  readonly quiet: boolean;
  /** Answers yes to every question, and never waits for one. */
  readonly yes: boolean;
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
};

/** What a command is given to work with: it touches no stream and no signal of the process itself. */
export type CommandContext = GlobalOptions & {
  /** One line of data on stdout, for people or as JSON: nothing in it is obeyed by a terminal. */
  readonly data: (line: string) => void;
  /** A piece of data on stdout, as it is; resolves when whoever reads it took it. */
  readonly write: (text: string) => Promise<void>;
  /** One line of progress on stderr; silent with --quiet. */
  readonly progress: (line: string) => void;
  /** One line on stderr that --quiet does not silence. */
  readonly warn: (line: string) => void;
  /** All that stands on stdin. */
  readonly stdin: () => Promise<string>;
  /** Puts a question to whoever sits at the terminal; undefined where there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Variables of the process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command was typed; file names are relative to it. */
  readonly directory: string;
  /** Aborted by the first SIGINT or SIGTERM: stop cleanly. What a command throws after that counts as interrupted. */
  readonly stop: AbortSignal;
};

/** The streams, the environment and the signal of the process, or those of a test. */
export type Surroundings = {
  readonly stdout: (text: string) => void;
  /** Resolves when stdout has taken what was said to it. */
  readonly taken?: () => Promise<void>;
  readonly stderr: (text: string) => void;
  readonly stdin: () => Promise<string>;
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly stop: AbortSignal;
};

export function createContext(options: GlobalOptions, surroundings: Surroundings): CommandContext {
  return {
    ...options,
    data: (line) => surroundings.stdout(`${harmless(line)}\n`),
    async write(text) {
      surroundings.stdout(text);
      await surroundings.taken?.();
    },
    progress: (line) => {
      if (!options.quiet) surroundings.stderr(`${harmless(line)}\n`);
    },
    warn: (line) => surroundings.stderr(`${harmless(line)}\n`),
    stdin: surroundings.stdin,
    ask: surroundings.ask,
    environment: surroundings.environment,
    directory: surroundings.directory,
    stop: surroundings.stop,
  };
}

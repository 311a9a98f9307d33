import type { ReferenceKind } from '@filrouge/domain/reference';
import {
  IMPORT_HEADER,
  IMPORT_RUN_HEADER,
  IMPORT_SOURCE_HEADER,
  importHeader,
  REFERENCE_ROUTES,
  type ToldImport,
} from '@filrouge/wire';
import type { ImportKind } from '@filrouge/wire/import';
import { failureOfAnswer, failureOfNetwork } from '../api/api-failure.ts';
import { CommandFailure } from '../command-failure.ts';
import { type PatienceOptions, withPatience } from '../http/patience.ts';
import { createPauseTeller } from '../http/pause-teller.ts';
import { type Answer, Poster } from '../http/poster.ts';
import type { SendBatch } from './import-file.ts';
import { ImportUndone } from './import-undone.ts';
import { datedAhead, outcomeOf, rejectedItems } from './rejected-items.ts';

/** Where files enter: no limit to the past, the rows' own times are believed (S4). */
export const IMPORT_PATH = '/v1/import';
/** Where decisions of a file enter, which are believed with their proof and requested without (S6). */
const CONSENTS_PATH = '/v1/import/consents';

/** Where rows of a kind enter. */
export function pathOf(kind: ImportKind): string {
  if (kind === 'consents') return CONSENTS_PATH;
  return kind in REFERENCE_ROUTES ? REFERENCE_ROUTES[kind as ReferenceKind].path : IMPORT_PATH;
}

/** What tells an import apart, for whoever undoes it. */
export type ImportLabel = Omit<ToldImport, 'run'>;

export type ImportTarget = {
  readonly url: string;
  readonly path: string;
  readonly writeKey: string;
  /** The source that the key must be of. */
  readonly source: string;
  /** The import that the batches belong to; without it they cannot be undone together. */
  readonly label?: ImportLabel;
  /** Where the key came from: said where it is refused. */
  readonly credential?: string;
  /** How it is waited between two tries; of a test. */
  readonly pause?: PatienceOptions['pause'];
};

export type BatchSender = {
  readonly send: SendBatch;
  /** The run of the import that took the batches, once a server said it. */
  readonly run: number | undefined;
  /** Names the run that an interrupted import had come in with. */
  readonly goOnWith: (run: number) => void;
  readonly close: () => void;
};

const GO_ON = 'Start it with filrouge start, then give the same command again: it goes on where it stopped';

/** Sends batches to the door of a server, patiently. */
export function createBatchSender(
  { url, path, writeKey, source, label, credential, pause }: ImportTarget,
  requestsMax: number,
  signal: AbortSignal,
  say: (line: string) => void = () => undefined,
): BatchSender {
  const poster = new Poster(url, requestsMax);
  const teller = createPauseTeller(url, say);
  let heard = false;
  let run: number | undefined;
  /** The first request, which learns the run of the import: those after it name it, so that none begins another. */
  let first: Promise<unknown> | undefined;
  const headersNow = (): Readonly<Record<string, string>> => ({
    'x-write-key': writeKey,
    [IMPORT_SOURCE_HEADER]: source,
    ...(label === undefined ? {} : { [IMPORT_HEADER]: importHeader(run === undefined ? label : { ...label, run }) }),
  });
  const send: SendBatch = async ({ body, lines }) => {
    const post = async (): Promise<Answer> => {
      const answer = await poster.post(path, headersNow(), body, signal);
      heard = true;
      return answer;
    };
    const wait = pause === undefined ? {} : { pause };
    const patience = { signal, heard: () => heard, onPause: teller.paused, ...wait };
    const answer = await withPatience(post, patience).catch((fault: unknown) => {
      throw signal.aborted ? fault : failureOfNetwork(url, fault, heard ? GO_ON : undefined);
    });
    if (answer.status < 500 && answer.status !== 429) teller.answered();
    const rejected = rejectedItems(answer, lines);
    if (rejected === undefined && answer.status === 404 && path !== IMPORT_PATH) {
      throw new CommandFailure(
        path === CONSENTS_PATH
          ? `${url} takes no decisions from files`
          : `${url} takes no products, stores or campaigns`,
        'Bring the server to the version of this command',
      );
    }
    if (rejected === undefined) {
      const failure = failureOfAnswer(url, answer, credential === undefined ? {} : { credential });
      if (failure.problem?.['code'] === 'import-undone') throw new ImportUndone(failure);
      throw failure;
    }
    run ??= runOf(answer);
    return { rejected, datedAhead: datedAhead(answer), outcome: outcomeOf(answer) };
  };
  return {
    async send(batch) {
      if (run !== undefined || label === undefined) return send(batch);
      if (first === undefined) {
        const sent = send(batch);
        first = sent.catch(() => undefined);
        return sent;
      }
      await first;
      return send(batch);
    },
    get run() {
      return run;
    },
    goOnWith: (known) => {
      run = known;
    },
    close: () => poster.close(),
  };
}

function runOf({ headers }: Answer): number | undefined {
  const told = Number(headers?.[IMPORT_RUN_HEADER]);
  return Number.isInteger(told) && told > 0 ? told : undefined;
}

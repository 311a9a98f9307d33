import { IMPORT_SOURCE_HEADER } from '@filrouge/wire';
import { failureOfAnswer, failureOfNetwork } from '../api/api-failure.ts';
import { CommandFailure } from '../command-failure.ts';
import { withPatience } from '../http/patience.ts';
import { type Answer, Poster } from '../http/poster.ts';
import type { SendBatch } from './import-file.ts';
import { datedAhead, rejectedItems } from './rejected-items.ts';

/** Where files enter: no limit to the past, the rows' own times are believed (S4). */
export const IMPORT_PATH = '/v1/import';
/** Where decisions of a file enter, which are believed with their proof and requested without (S6). */
export const CONSENTS_PATH = '/v1/import/consents';

export type ImportTarget = {
  readonly url: string;
  readonly path: string;
  readonly writeKey: string;
  /** The source that the key must be of. */
  readonly source: string;
  /** Where the key came from: said where it is refused. */
  readonly credential?: string;
};

/** Sends batches to the door of a server, patiently. */
export function createBatchSender(
  { url, path, writeKey, source, credential }: ImportTarget,
  requestsMax: number,
  signal: AbortSignal,
): { readonly send: SendBatch; readonly close: () => void } {
  const poster = new Poster(url, requestsMax);
  const headers = { 'x-write-key': writeKey, [IMPORT_SOURCE_HEADER]: source };
  let heard = false;
  return {
    async send({ body, lines }) {
      const post = async (): Promise<Answer> => {
        const answer = await poster.post(path, headers, body, signal);
        heard = true;
        return answer;
      };
      const answer = await withPatience(post, { signal, heard: () => heard }).catch((fault: unknown) => {
        throw signal.aborted ? fault : failureOfNetwork(url, fault);
      });
      const rejected = rejectedItems(answer, lines);
      if (rejected === undefined && answer.status === 404 && path === CONSENTS_PATH) {
        throw new CommandFailure(
          `${url} takes no decisions from files`,
          'Bring the server to the version of this command',
        );
      }
      if (rejected === undefined) throw failureOfAnswer(url, answer, credential === undefined ? {} : { credential });
      return { rejected, datedAhead: datedAhead(answer) };
    },
    close: () => poster.close(),
  };
}

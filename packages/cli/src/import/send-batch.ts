import { failureOfAnswer, failureOfNetwork } from '../api/api-failure.ts';
import { withPatience } from '../http/patience.ts';
import { type Answer, Poster } from '../http/poster.ts';
import type { SendBatch } from './import-file.ts';
import { rejectedItems } from './rejected-items.ts';

/** Where files enter: no limit to the past, the rows' own times are believed (S4). */
export const IMPORT_PATH = '/v1/import';

export type ImportTarget = { readonly url: string; readonly writeKey: string };

/** Sends batches to the door of a server, patiently. */
export function createBatchSender(
  { url, writeKey }: ImportTarget,
  requestsMax: number,
  signal: AbortSignal,
): { readonly send: SendBatch; readonly close: () => void } {
  const poster = new Poster(url, requestsMax);
  let heard = false;
  return {
    async send({ body, lines }) {
      const post = async (): Promise<Answer> => {
        const answer = await poster.post(IMPORT_PATH, writeKey, body, signal);
        heard = true;
        return answer;
      };
      const answer = await withPatience(post, { signal, heard: () => heard }).catch((fault: unknown) => {
        throw signal.aborted ? fault : failureOfNetwork(url, fault);
      });
      const rejected = rejectedItems(answer, lines);
      if (rejected === undefined) throw failureOfAnswer(url, answer);
      return rejected;
    },
    close: () => poster.close(),
  };
}

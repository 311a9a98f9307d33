import type { SimulatedRequest } from '@filrouge/simulator';
import { documentOf, listOf, numberOf } from '../api/answer-document.ts';
import { failureOfAnswer, failureOfNetwork } from '../api/api-failure.ts';
import { withPatience } from '../http/patience.ts';
import { Poster } from '../http/poster.ts';

/** What was sent so far. */
export type Sent = { requests: number; items: number; refused: number };

/** The simulated retailer's requests on their way to the public door, each with the key of its source. */
export type DoorSender = {
  readonly sent: Readonly<Sent>;
  /** Errors: `CommandFailure` when the door does not know the key or does not answer; that of the signal. */
  readonly send: (request: SimulatedRequest) => Promise<void>;
  readonly close: () => void;
};

export function createDoorSender(
  url: string,
  keys: ReadonlyMap<string, string>,
  connectionsMax: number,
  signal: AbortSignal,
): DoorSender {
  const poster = new Poster(url, connectionsMax);
  const sent: Sent = { requests: 0, items: 0, refused: 0 };
  return {
    sent,
    async send({ path, source, body, items }) {
      const key = keys.get(source) ?? '';
      const post = () => poster.post(path, { 'x-write-key': key }, body, signal);
      const answer = await withPatience(post, { signal, heard: () => true }).catch((fault: unknown) => {
        throw signal.aborted ? fault : failureOfNetwork(url, fault);
      });
      sent.requests += 1;
      sent.items += items;
      if (answer.status >= 400 && answer.status !== 400 && answer.status !== 413) throw failureOfAnswer(url, answer);
      // Some of what a retailer's clients send is malformed: the simulation plants it, the door names it.
      if (answer.status >= 400 || answer.body.includes('"rejected"')) sent.refused += refusedItems(answer.body, items);
    },
    close: () => poster.close(),
  };
}

function refusedItems(body: string, items: number): number {
  const rejected = listOf(documentOf(JSON.parse(body))['rejected']);
  return rejected.length === 0 ? items : rejected.reduce((sum, entry) => sum + (numberOf(entry['count']) ?? 1), 0);
}

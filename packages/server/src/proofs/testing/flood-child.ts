import { type Answered, pacedLoad } from './paced-load.ts';

/** What one who sends too much sends: each request names these, by turns where there are several. */
export type Flood = {
  readonly url: string;
  readonly key: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly items: readonly FloodItem[];
};

/** `users`: how many there are of that name; `terminals`: the same of what they are seen at; `times`: in each request. */
export type FloodItem = {
  readonly user: string;
  readonly users?: number;
  readonly terminals?: number;
  readonly times: number;
};

let made = 0;

function itemOf({ user, users, terminals }: FloodItem, at: number): object {
  made += 1;
  return {
    type: 'track',
    event: 'Order Completed',
    messageId: `flood-${made}`,
    userId: users === undefined ? user : `${user}${at % users}`,
    ...(terminals === undefined ? {} : { anonymousId: `terminal-${at % terminals}` }),
    properties: { order_id: `F-${made}`, total: 12.5, currency: 'EUR', note: 'x'.repeat(300) },
  };
}

async function flood({ url, key, perSecond, seconds, items }: Flood): Promise<readonly Answered[]> {
  const answers = await pacedLoad({
    perSecond,
    seconds,
    send: (n) => {
      const batch = items.flatMap((item) =>
        Array.from({ length: item.times }, (_, at) => itemOf(item, n * item.times + at)),
      );
      return fetch(`${url}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
        body: JSON.stringify({ batch }),
      });
    },
  });
  return answers.map(({ body: { code, rejected }, ...answer }) => ({
    ...answer,
    body: {
      ...(code === undefined ? {} : { code }),
      ...(rejected === undefined ? {} : { rejected: rejected.map((one) => ({ code: one.code })) }),
    },
  }));
}

// The body of the child: it floods as often as it is told to, and says what it was answered.
process.on('message', (floods: readonly Flood[]) => {
  void Promise.all(floods.map(flood)).then((answers) => process.send?.(answers));
});
process.send?.('ready');

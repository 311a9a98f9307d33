import { once } from 'node:events';
import { Agent, request } from 'node:http';

export type TicketLoad = {
  readonly url: string;
  /** Write key of the source `server`. */
  readonly key: string;
  readonly tickets: number;
};

const BATCH = 500;
const REQUESTS_MAX = 4;
const DAY_MS = 86_400_000;

/** Sends tickets of a year as `filrouge import` does, oldest first, and answers the number of the run that they belong to. */
export async function sendTickets(load: TicketLoad): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: REQUESTS_MAX });
  const until = Date.now() - DAY_MS;
  let next = 0;
  let run: number | undefined;
  const send = async (): Promise<void> => {
    const from = next;
    next += BATCH;
    const items = Array.from({ length: Math.min(BATCH, load.tickets - from) }, (_, i) =>
      ticketItem(from + i, load.tickets, until),
    );
    run = await post(agent, load, Buffer.from(JSON.stringify({ batch: items })), run);
  };
  // The first answer names the run: those after it go on with it.
  await send();
  await Promise.all(
    Array.from({ length: REQUESTS_MAX }, async () => {
      while (next < load.tickets) await send();
    }),
  );
  agent.destroy();
  if (run === undefined) throw new Error('no run was named');
  return run;
}

/** Three tickets a customer over the year; of eight one names nobody, one an e-mail alone, one a card with its e-mail. */
function ticketItem(at: number, of: number, until: number): object {
  const t = new Date(until - 365 * DAY_MS + Math.floor((365 * DAY_MS * at) / of)).toISOString();
  const customer = (at * 7_919) % Math.ceil(of / 3);
  const number = `T-${at}`;
  const amountMinor = 1_990 + (at % 50) * 100;
  return {
    type: 'ticket',
    messageId: `ticket:MA01:2:${number}:sale`,
    timestamp: t,
    identifiers: identifiersOf(at % 8, customer),
    receipt: {
      kind: 'ticket',
      type: 'sale',
      number,
      currency: 'EUR',
      amountMinor,
      vatMinor: Math.round(amountMinor / 6),
      store: `MA${String(1 + (at % 20)).padStart(2, '0')}`,
      till: '2',
      localTime: t,
      lines: [
        {
          sku: `MA-LUM-${String(at % 240).padStart(4, '0')}`,
          name: 'Lampe de bureau',
          category: 'luminaires',
          quantity: 1,
          amountMinor,
          vatRate: 2_000,
        },
      ],
    },
  };
}

function identifiersOf(kind: number, customer: number): object {
  const email = `client.${customer}@courriel.example`;
  if (kind === 0) return {};
  if (kind === 1) return { email };
  if (kind === 2) return { loyaltyCard: `299${String(customer).padStart(9, '0')}`, email };
  return kind < 5 ? { loyaltyCard: `299${String(customer).padStart(9, '0')}` } : { userId: `U${customer}` };
}

async function post(agent: Agent, { url, key }: TicketLoad, body: Buffer, run: number | undefined): Promise<number> {
  const label = new URLSearchParams({
    import: 'tickets.csv',
    kind: 'tickets',
    file: 'tickets.csv',
    content: '0'.repeat(64),
  });
  if (run !== undefined) label.set('run', String(run));
  const sent = request(`${url}/v1/import`, {
    agent,
    method: 'POST',
    headers: {
      'x-write-key': key,
      'x-filrouge-source': 'server',
      'x-filrouge-import': label.toString(),
      'content-type': 'application/json',
      'content-length': body.length,
    },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  const said = Buffer.concat(pieces).toString('utf8');
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${said.slice(0, 300)}`);
  const told = Number(answer.headers['x-filrouge-import-run']);
  return told;
}

/**
 * The thread that projects and does the daily chores, with connections of its own: who is answered over HTTP waits for
 * no step of it. It lives until it is told to stop, or until its process ends, however that ends.
 */
import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createProjector } from '@filrouge/pipeline';
import { tellClockJump } from '../clock/tell-clock-jump.ts';
import { composeWork } from '../compose.ts';
import { startWork } from './start-work.ts';
import type { FromThread, ThreadAnswers, ThreadOrders, ToThread } from './thread-messages.ts';
import type { WorkLog } from './work-log.ts';

/** What is answered now goes before what may wait. */
const NICE = 5;

const orders = workerData as ThreadOrders;
const woken = new Int32Array(orders.woken);

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

function logAt(level: keyof WorkLog): WorkLog[keyof WorkLog] {
  return (figures, said) => tell({ kind: 'log', level, figures, said });
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}

async function begin(): Promise<void> {
  // On Linux it is the calling thread's own; elsewhere it would be the whole process's.
  if (platform() === 'linux') setPriority(NICE);
  const log: WorkLog = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
  const engines = await composeWork(orders.places, (jump) => tellClockJump(log, jump));
  const { projections: store, events, vault, now } = engines;
  const projector = createProjector({ store, events, vault, purposes: orders.purposes, now });
  const work = startWork(projector, { ...engines, journalDays: orders.journalDays }, log);

  const answers: { readonly [What in keyof ThreadAnswers]: () => Promise<ThreadAnswers[What]> } = {
    async state() {
      const { fault, standsBy } = work.loop;
      return { fault, standsBy, unresolved: projector.unresolved };
    },
    async drain() {
      await projector.drain();
      return undefined;
    },
    async stop() {
      await work.stop();
      await engines.close();
      return undefined;
    },
  };
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'wake') {
      // Before the look: what is committed from here on sends another.
      Atomics.store(woken, 0, 0);
      work.loop.wake();
      return;
    }
    if (message.kind === 'disk') {
      work.tellDisk(message.mode);
      return;
    }
    const { id, what } = message;
    answers[what]().then(
      (answer) => tell({ kind: 'answer', id, answer }),
      (fault: unknown) => tell({ kind: 'answer', id, fault: messageOf(fault) }),
    );
  });
  tell({ kind: 'ready' });
}

begin().catch((fault: unknown) => tell({ kind: 'failed', message: messageOf(fault) }));

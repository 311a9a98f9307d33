import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Flood } from './flood-child.ts';
import type { Answered } from './paced-load.ts';

/** Whoever sends too much, in a process of its own: what it costs to send and to hear no is not its victims' time. */
export type Flooder = {
  /** Sends all of these at the same time; answers what each was answered, once all of them are. */
  readonly send: (...floods: readonly Flood[]) => Promise<readonly (readonly Answered[])[]>;
  readonly stop: () => Promise<void>;
};

export async function openFlooder(): Promise<Flooder> {
  const child = fork(new URL('flood-child.ts', import.meta.url), { execArgv: [] });
  const heard = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (code: number | null): void => reject(new Error(`the flooder ended with ${code}`));
      child.once('exit', fail);
      child.once('message', (message) => {
        child.off('exit', fail);
        resolve(message);
      });
    });
  await heard();
  return {
    async send(...floods) {
      const answers = heard();
      child.send(floods);
      return (await answers) as readonly (readonly Answered[])[];
    },
    async stop() {
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

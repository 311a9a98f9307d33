import type { Purpose } from '@filrouge/domain/consent';
import type { EnginePlaces } from '../compose.ts';
import type { DiskMode } from '../disk/disk-mode.ts';
import type { WorkLog } from './work-log.ts';

/** What the thread that projects is started with. */
export type ThreadOrders = {
  readonly places: EnginePlaces;
  readonly purposes: readonly Purpose[];
  /** See `Deployment.journalDays`. */
  readonly journalDays: number | undefined;
  /** One 32-bit word: 1 while a `wake` is on its way, so that a thousand commits send one. */
  readonly woken: SharedArrayBuffer;
};

/** How the projector of this process fares. */
export type WorkState = {
  /** What the last step failed with, until one succeeds. */
  readonly fault: string | undefined;
  /** Another process projects; this one would take over. */
  readonly standsBy: boolean;
  /** See `Projector.unresolved`. */
  readonly unresolved: number;
};

/** What can be asked of the thread, and what it answers. */
export type ThreadAnswers = { readonly state: WorkState; readonly drain: undefined; readonly stop: undefined };

export type ToThread =
  | { readonly kind: 'wake' }
  /** What the space that is left is for. */
  | { readonly kind: 'disk'; readonly mode: DiskMode }
  | { readonly kind: 'ask'; readonly id: number; readonly what: keyof ThreadAnswers };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer?: unknown; readonly fault?: string }
  | {
      readonly kind: 'log';
      readonly level: keyof WorkLog;
      readonly figures: object;
      readonly said: string;
    };

import { isNegative } from '@filrouge/domain/consent';
import type { Door, Submission } from '@filrouge/pipeline';
import type { ReferenceStore } from '@filrouge/ports';
import type { DiskGuard } from './disk-guard.ts';

type Room = Pick<DiskGuard, 'requireRoom' | 'look'>;

/** A door that takes nothing but a no while the disk is nearly full. */
export function guardedDoor(door: Door, disk: Room): Door {
  return {
    async submit(submission) {
      // Also before a no: the ballast is let go for it where that is needed.
      if (saysNo(submission)) await disk.look();
      else await disk.requireRoom();
      return door.submit(submission);
    },
    get waiting() {
      return door.waiting;
    },
    idle: () => door.idle(),
  };
}

/** Products, stores and campaigns come in beside the door, and wait for room as it does. */
export function guardedReference(reference: ReferenceStore, disk: Room): ReferenceStore {
  return {
    ...reference,
    async tell(...told) {
      await disk.requireRoom();
      return reference.tell(...told);
    },
  };
}

/**
 * A record in which somebody says no to something, alone or beside a yes: it is one act with one proof and goes in whole.
 * Items are never taken for the sake of a no, and a file keeps until there is room.
 */
function saysNo({ items, consents, imported }: Submission): boolean {
  if (imported || items.length > 0) return false;
  return consents.some(({ decisions }) => decisions.some(({ status }) => isNegative(status)));
}

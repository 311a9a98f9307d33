import type { Instant } from '@filrouge/domain/base';
import type { FactStatus, PurposeId } from '@filrouge/domain/consent';
import type { BrandId, Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { ItemOutcome } from '../../door/submission.ts';

/** What a client said about a permission. `own`: about somebody for whom its key may speak (S6, S11). */
export type ToldDecision = {
  readonly brand: BrandId;
  readonly who: string;
  readonly own: boolean;
  readonly purpose: PurposeId;
  readonly status: FactStatus;
  readonly at: Instant;
  /** When the first 2xx for it was read. */
  ackedAt?: number;
};

export type ToldItem = {
  readonly source: Source;
  readonly item: IncomingItem;
  readonly names: readonly string[];
  /** A row of a file, which may come again after it was undone. */
  readonly isOfFile: boolean;
  outcome?: ItemOutcome;
};

/** An entry that staff let out of quarantine, or tried to. */
export type ToldRelease = {
  readonly entry: string;
  readonly source: Source;
  /** The id under which it stands afterwards, and the one that it was sent under. */
  readonly messageId: string;
  readonly sentAs: string;
  readonly isReused: boolean;
};

export type ToldSeparation = { readonly a: string; readonly b: string; readonly at: Instant; acked?: true };
export type ToldErasure = { readonly who: string; readonly brand: BrandId; readonly doneAt: number };

const NO: ReadonlySet<FactStatus> = new Set(['refused', 'withdrawn', 'objected']);

/**
 * The model: a pure reading of the set of facts that clients told and had acknowledged. It errs to one side only: what it
 * calls closed is closed whatever the order in which anything arrived.
 */
export class ToldFacts {
  readonly decisions: ToldDecision[] = [];
  readonly items: ToldItem[] = [];
  readonly releases = new Map<string, ToldRelease>();
  readonly separations: ToldSeparation[] = [];
  readonly erasures: ToldErasure[] = [];

  /** Whether whatever was sent under that id names a person. */
  namesPerson(messageId: string): boolean {
    const sentAs = messageId.replace(/~.*$/, '');
    const told = this.items.filter(({ item }) => item.messageId === sentAs);
    return told.length > 0 && told.every(({ names }) => names.some(isOfPerson));
  }

  /** Whether nobody of the brand has said yes to a purpose yet, to whoever may write it down. */
  isUnheard(brand: BrandId, purpose: PurposeId): boolean {
    return !this.decisions.some((told) => told.own && told.brand === brand && isYes(told, purpose));
  }

  /**
   * Whether a no of one of these identifiers was acknowledged before `since` and no yes came after it from whoever may
   * speak for them: then nothing that names one of them may be used for the purpose by a look that begins then
   * (invariants 5, 7, 8). `whole`: they are all there are of the person; only they and terminals can have said yes.
   */
  isClosed(asked: {
    readonly brand: BrandId;
    readonly who: ReadonlySet<string>;
    readonly whole: boolean;
    readonly purpose: PurposeId;
    readonly since: number;
  }): boolean {
    const { brand, who, whole, purpose, since } = asked;
    const ofBrand = this.decisions.filter((told) => told.brand === brand && told.purpose === purpose);
    const noes = ofBrand.filter(
      (told) => who.has(told.who) && NO.has(told.status) && told.ackedAt !== undefined && told.ackedAt < since,
    );
    const yes = ofBrand.filter(
      (told) => told.status === 'given' && (!whole || who.has(told.who) || !isOfPerson(told.who)),
    );
    const lastYes = Math.max(-1, ...yes.map(({ at }) => at));
    return noes.some(({ at }) => at > lastYes);
  }

  /** Identifiers of a brand's persons that something a secret key of it said may have joined, device or not (12, 22). */
  joinable(brand: BrandId, who: string): ReadonlySet<string> {
    const found = new Set([who]);
    const said = this.items.filter(
      ({ source }) => source.brand === brand && source.kind !== 'web' && source.kind !== 'app',
    );
    for (let grown = true; grown; ) {
      grown = false;
      for (const { names } of said) {
        if (!names.some((name) => found.has(name))) continue;
        for (const name of names.filter(isOfPerson)) {
          if (!found.has(name)) grown = true;
          found.add(name);
        }
      }
    }
    return found;
  }
}

function isYes(told: ToldDecision, purpose: PurposeId): boolean {
  return told.purpose === purpose && told.status === 'given';
}

export function isNo(status: FactStatus): boolean {
  return NO.has(status);
}

export function isOfPerson(name: string): boolean {
  return !name.startsWith('anonymous_id:') && !name.startsWith('device_id:');
}

import type { ProblemLanguage } from '@filrouge/wire';

type Words = Readonly<Record<ProblemLanguage, string>>;

/** Reasons that say little by their name: what was compared or found, and what either decision comes to. */
const WORDS: Readonly<Record<string, Words>> = {
  'message-id-reused': {
    en: 'An event of this source came in earlier under the same messageId, with another body. Of the first only keyed hashes of messageId and body are kept for this, so the two cannot be laid side by side here: look the messageId up on the person’s timeline. Replay it where it is an event of its own: it gets a messageId of its own. Discard it where it is the same event again.',
    fr: 'Un événement de cette source est déjà arrivé sous le même messageId, avec un autre corps. Du premier, seules des empreintes à clé du messageId et du corps sont gardées à cette fin : les deux ne peuvent donc être mis côte à côte ici ; cherchez le messageId dans la chronologie de la personne. Rejouez-le si c’est un autre événement : il recevra son propre messageId. Écartez-le si c’est le même événement, revenu.',
  },
};

/** What a reason of quarantine means and what can be done; undefined where its name says it all. */
export function reasonWords(reason: string, language: ProblemLanguage): string | undefined {
  return Object.hasOwn(WORDS, reason) ? WORDS[reason]?.[language] : undefined;
}

import type { RopoDirection, RopoMatch, RopoWindow } from './ropo-cell.ts';

export type RopoQuestion = {
  readonly direction: RopoDirection;
  readonly window: RopoWindow;
  readonly match: RopoMatch;
};

/** Whether the till's question answers this one (`researchedOnline`): any visit, in the seven days before. */
export function isAskedAtTill({ direction, window, match }: RopoQuestion): boolean {
  return direction === 'online-to-store' && window === 7 && match === 'any';
}

/** What the figures of a report mean, in the words that stand beside them. */
export type Definition = { readonly fr: string; readonly en: string };

/** The definition of a ROPO report (measurement.md, metric definitions). */
export function ropoDefinition({ direction, window, match }: RopoQuestion): Definition {
  const online = direction === 'online-to-store';
  const days = { fr: window === 1 ? '24 heures' : `${window} jours`, en: window === 1 ? '24 hours' : `${window} days` };
  const common = SHARED[match];
  const what = online
    ? {
        fr: `Achat en magasin précédé, dans les ${days.fr}, d’au moins une visite du site ou de l’application par la même personne${common.fr}`,
        en: `Store purchase preceded, within ${days.en}, by at least one visit of the site or app by the same person${common.en}`,
      }
    : {
        fr: `Commande en ligne précédée, dans les ${days.fr}, d’au moins un achat en magasin de la même personne${common.fr}`,
        en: `Online order preceded, within ${days.en}, by at least one store purchase of the same person${common.en}`,
      };
  return { fr: `${what.fr}. ${FIGURES.fr}`, en: `${what.en}. ${FIGURES.en}` };
}

const SHARED: Readonly<Record<RopoMatch, Definition>> = {
  any: { fr: '', en: '' },
  category: {
    fr: ', qui porte sur une catégorie de produits achetée',
    en: ', that concerns a category of products bought',
  },
  sku: { fr: ', qui porte sur un produit acheté', en: ', that concerns a product bought' },
};

const FIGURES: Definition = {
  fr:
    'Les retours et annulations sont exclus. « Observé » : part des achats de personnes qui consentent à la mesure ; il ne décrit qu’elles. ' +
    '« Estimation » : part de tous les achats, avec son intervalle à 95 % : d’après les réponses données en caisse où l’on a posé la question, sinon d’après les achats que l’on voit, dans le même lieu et le même mois, avec une marge pour ceux que l’on ne voit pas. ' +
    '« Bornes » : ce que cette part peut être au moins et au plus, quoi que fassent les personnes que l’on ne voit pas.',
  en:
    'Refunds and cancellations are left out. "Observed": share of the purchases of persons who consent to measurement; it describes them alone. ' +
    '"Estimate": share of all purchases, with its 95 % interval: from what buyers answered at the till where they were asked, else from the purchases that are seen, in the same place and month, with a margin for those that are not. ' +
    '"Bounds": the least and the most that share can be, whatever the persons not seen do.',
};

/** What `filrouge init` writes: a plain object, so that it runs wherever the command does, installed beside it or not. */
export const FIRST_CONFIG = `// Filrouge reads this file when it starts; \`filrouge config check\` says what is wrong with it and where.
// Keys and passwords do not belong here: \`filrouge key create <source>\` makes a key and shows it once.

export default {
  // A brand is a controller: no identifier of a person crosses from one brand to another.
  brands: [{ id: 'my-brand', name: 'My Brand', contact: 'privacy@my-brand.example' }],

  // Brands that are joint controllers, with a notice that names both, may ask once for both:
  // jointControllers: [{ id: 'my-house', brands: ['my-brand', 'my-other-brand'] }]

  // Where people meet the brand. Kinds: site, app, shop, call-centre.
  properties: [
    { id: 'my-site', brand: 'my-brand', name: 'www.my-brand.example', kind: 'site' },
    { id: 'my-app', brand: 'my-brand', name: 'My Brand (application)', kind: 'app' },
    { id: 'my-shops', brand: 'my-brand', name: 'My Brand (shops)', kind: 'shop' },
  ],

  // What sends: each source has keys of its own. Kinds: web and app (their keys are public, so they may not state
  // sales), server and store (their keys are secret). \`country\` reads telephone numbers without country code.
  sources: [
    { id: 'web', brand: 'my-brand', property: 'my-site', kind: 'web', country: 'FR' },
    // allowedOrigins: ['https://www.my-brand.example'] would let no other page use the key of \`web\`;
    // enabled: false would switch the source off: it is answered 404.
    { id: 'app', brand: 'my-brand', property: 'my-app', kind: 'app', country: 'FR' },
    { id: 'server', brand: 'my-brand', property: 'my-site', kind: 'server', country: 'FR' },
    { id: 'tills', brand: 'my-brand', property: 'my-shops', kind: 'store', country: 'FR' },
  ],

  // The purposes of GDPR and CNIL practice are there without a word: audience_measurement, personalisation, profiling,
  // advertising, store_measurement, email_marketing, loyalty_programme, order_fulfilment and more
  // (\`filrouge config print\`). Yours come on top:
  // { id: 'size_advice', basis: 'consent', scope: ['person'] }
  purposes: [],

  // The texts that people decide on, by version. A new text is a new version: what was agreed to stays provable. A yes
  // counts for the purposes that its text names here, and for no other.
  notices: [
    {
      id: 'banner',
      version: '1',
      brand: 'my-brand',
      purposes: ['audience_measurement', 'personalisation', 'advertising', 'store_measurement'],
      text: {
        fr: "My Brand mesure l’audience de son site, l’adapte à vous, fait de la publicité et relie vos visites en ligne à vos achats en magasin, si vous l’acceptez. Vous pouvez tout accepter, tout refuser ou choisir, et changer d’avis à tout moment.",
        en: 'My Brand measures the audience of its site, adapts it to you, advertises, and joins your visits online with your purchases in its shops, if you accept. You may accept all, refuse all or choose, and change your mind at any time.',
      },
    },
    {
      id: 'preferences',
      version: '1',
      brand: 'my-brand',
      purposes: ['profiling', 'store_measurement', 'email_marketing'],
      text: {
        fr: 'Dans votre compte, vous choisissez si My Brand vous fait des suggestions d’après vos achats et vos visites, relie vos visites en ligne à vos achats en magasin et vous écrit par courriel. Chaque choix se retire à tout moment.',
        en: 'In your account you choose whether My Brand makes you suggestions from your purchases and visits, joins your visits online with your purchases in its shops, and writes to you by e-mail. Each choice may be withdrawn at any time.',
      },
    },
  ],

  // Shops, under the ids that the tills write into their tickets (store_id).
  stores: [{ id: 'S001', brand: 'my-brand', name: 'My Brand Paris', city: 'Paris', postalCode: '75011' }],
};
`;

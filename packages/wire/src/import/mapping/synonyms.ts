import type { ImportKind } from '../import-kind.ts';
import { nameWithoutRemark, normalName } from './normal-name.ts';

type Table = Readonly<Record<string, string>>;

const PERSON: Table = {
  customer_id:
    'customer id|code client|numero client|id client|identifiant client|reference client|ref client|client id|compte client|numero compte|customer number|customer code|user id|tiers|code tiers|numero tiers|cli|code cli|numero cli|client number|client code|client numero|customer numero|customer reference|customer ref|ref customer|id customer|customer account|idclient|numclient|codeclient|noclient|refclient|customerid|id acheteur|code acheteur|numero acheteur|buyer id|id contact|code contact|contact id|customer|client|acheteur|buyer',
  loyalty_card:
    'loyalty card|numero carte fidelite|carte fidelite|numero carte|code carte|carte client|numero fidelite|loyalty number|loyalty id|card number|membership number|id carte|carte|card|numero adherent|code adherent|adherent|numero porteur|carte fid|numero carte fid|code fidelite|code fid|numero fid|fidelite|numero carte client|code carte client|code carte fidelite|loyalty card number|loyalty card numero|loyalty card id|membership card|member id|member number|member numero|numero membre|code membre|id membre|id adherent|identifiant fidelite|id fidelite|compte fidelite|numero compte fidelite',
  email:
    'email|e mail|adresse mail|adresse e mail|adresse email|mail|courriel|email address|customer email|email client|mail client|billing email|adresse electronique|adresse mail client|adresse email client|adresse e mail client|e mail client|courriel client|contact email|email contact|email acheteur|buyer email|email facturation',
  phone:
    'phone|telephone portable|tel portable|telephone mobile|tel mobile|portable|mobile|gsm|telephone|tel|numero telephone|numero tel|port|numero portable|numero mobile|tel mobile 1|tel 1|telephone 1|phone number|mobile phone|customer phone|billing phone|telephone fixe|fixe|telephone client|tel client|portable client|mobile client|numero telephone portable|numero telephone mobile|numero gsm|mobile number|telephone number|cell phone|contact phone|telephone contact|tel fixe|buyer phone|telephone facturation',
};

/** Words for the person: in such a column stands a number of theirs, or a name, which must never become one. */
const PERSON_WORDS = new Set(['customer', 'client', 'acheteur', 'buyer', 'tiers', 'cli', 'adherent']);

const CUSTOMERS: Table = {
  ...PERSON,
  // In a file of customers an `id` is the customer's; elsewhere it is the order's or the row's own.
  customer_id: `${PERSON['customer_id']}|identifiant|matricule|id`,
  first_name: 'first name|firstname|prenom|prenom client|given name|billing first name',
  last_name: 'last name|lastname|nom famille|nom|nom client|surname|family name|nom usage|billing last name',
  postal_code: 'postal code|code postal|cp|codepostal|cp client|zip|zip code|zipcode|postcode|billing postcode',
  city: 'city|ville|commune|localite|town|billing city',
  country: 'country|country code|code pays|pays|pays client|billing country',
  traits: 'traits',
  birth_date:
    'birth date|date naissance|date naiss|dt naissance|dt naiss|naissance|birthday|birthdate|dob|date birth|ddn|anniversaire|ne',
  created_at:
    'created at|date creation|date inscription|date adhesion|date souscription|date ouverture|dt creation|date crea|cree|cree a|creation date|registration date|signup date|date registered|created|inscrit',
  updated_at:
    'updated at|date modification|date maj|date mise jour|derniere modification|date derniere modification|date derniere maj|dt maj|dt modification|modifie|maj|last updated|updated|modified|modified at',
};

const LINES: Table = {
  line_sku:
    'line sku|sku|code article|reference article|ref article|code produit|reference produit|reference|ref|ean|gencod|gencode|ean13|code ean|code art|ref art|art|code barre|code barres|product code|item code|product id|article|lineitem sku',
  line_name:
    'line name|libelle article|libelle produit|libelle|designation|lib article|lib art|libelle art|description article|nom article|nom produit|product name|item name|lineitem name|description',
  line_category:
    'line category|famille|rayon|categorie|category|departement|department|univers|sous famille|famille article|libelle famille|code famille|libelle rayon|code rayon|groupe|groupe articles',
  line_quantity:
    'line quantity|quantite|qte|qte vendue|quantite vendue|qte facturee|nb|nombre|nb pieces|pieces|qty|quantity|nb articles|lineitem quantity|item quantity',
  line_amount:
    'line amount|montant ligne ttc|montant ligne|total ligne ttc|total ligne|ttc ligne|line total|item total|montant article|mt ttc|mnt ttc|mtt ttc|mt ligne|montant net ttc|total ttc ligne|mt ligne ttc|valeur ttc|net|prix total|ca ttc|montant ttc|net ttc|montant',
  line_price:
    'line price|prix unitaire ttc|prix unitaire|pu ttc|pu|prix vente|prix vente ttc|pv ttc|pvttc|prix ttc|p u ttc|p u|unit price|item price|item cost|lineitem price|prix|price',
  line_discount:
    'line discount|remise ligne|montant remise|mt remise|mnt remise|remise ttc|remise|item discount|lineitem discount|discount',
  line_vat_rate: 'line vat rate|taux tva|tva taux|tx tva|code tva|vat rate|tax rate|tva pct|tva',
};

const RECEIPT: Table = {
  ...PERSON,
  ...LINES,
  occurred_at:
    'occurred at|date ticket|date heure ticket|date heure|date et heure|horodatage|date vente|date transaction|date achat|date piece|date mouvement|date operation|date facture|date encaissement|date comptable|jour|dt vente|dt ticket|date commande|order date|date created|sold at|created at|datetime|date time|timestamp|date|le',
  store_id:
    'store id|code magasin|numero magasin|id magasin|magasin|store code|store|code boutique|boutique|point vente|code point vente|pdv|code pdv|numero pdv|etablissement|code etablissement|numero etablissement|code mag|numero mag|mag|depot|code depot|code site|id boutique|numero boutique|site|shop',
  currency: 'currency|currency code|devise|code devise|monnaie|order currency',
  coupon: 'coupon|code promo|code promotion|code coupon|bon reduction|discount code|voucher|coupon code|coupons',
};

const SYNONYMS: Readonly<Record<ImportKind, Table>> = {
  customers: CUSTOMERS,
  tickets: {
    ...RECEIPT,
    ticket_id:
      'ticket id|numero ticket|id ticket|code ticket|ticket|numero transaction|transaction id|id transaction|numero piece|piece|reference piece|code piece|numero facture|facture|numero operation|numero encaissement|numero vente|vente|numero tck|tck|tic|numero tic|receipt number|receipt id|receipt|transaction',
    type: 'type|type ticket|type transaction|type mouvement|type vente|sens|nature|nature piece|type piece|type operation|operation|transaction type',
    refers_to: 'refers to|ticket origine|numero ticket origine|ticket rembourse|original receipt',
    till_id:
      'till id|numero caisse|code caisse|caisse|poste|numero poste|code poste|numero terminal|till|register|terminal|tpv|pos',
    ticket_total:
      'ticket total|total ticket ttc|total ticket|montant ticket ttc|montant ticket|total ttc|montant total ttc|montant total|net a payer|total a payer|total net|total net ttc|ttc ticket|total ttc ticket|montant total ticket|mt ticket|mt total|mt total ttc|mnt ticket|ca ticket|total piece|total ttc piece|ttc|grand total|receipt total|total',
    ticket_vat: 'ticket vat|montant tva|total tva|tva ticket|dont tva|dont tva total|vat amount|tax amount|vat',
    researched_online:
      'researched online|visite en ligne avant achat|visite site avant achat|a consulte le site|vu sur internet|question caisse|seen online before',
  },
  orders: {
    ...RECEIPT,
    order_id:
      'order id|numero commande|reference commande|id commande|order number|order numero|code commande|commande|order',
    type: 'type|type commande|order type',
    refers_to: 'refers to|commande origine|original order|parent order id',
    order_total:
      'order total|total commande|total ttc|montant total ttc|montant total|montant commande|grand total|order total amount|total',
    order_vat: 'order vat|montant tva|total tva|dont tva|taxes|tax|vat amount|tax amount|vat|order total tax amount',
  },
  events: {
    message_id: 'message id|event id|id evenement|uuid',
    type: 'type|event type|type evenement',
    event: 'event|event name|nom evenement|evenement',
    occurred_at: 'occurred at|timestamp|date heure|horodatage|event time|event timestamp|sent at|received at|date',
    // A client is a program here, and its number that of a browser.
    user_id:
      'user id|customer id|code client|id client|identifiant client|numero client|customer number|customer code|id customer|id utilisateur|identifiant utilisateur',
    anonymous_id: 'anonymous id|visitor id|cookie id|visiteur|id visiteur',
    email: PERSON['email'] as string,
    properties: 'properties|proprietes|event properties',
    traits: 'traits|user properties',
    loyalty_card: 'loyalty card',
    phone: 'phone',
    device_id: 'device id',
    terminal: 'terminal|on terminal|sur terminal',
  },
  consents: {
    ...PERSON,
    purpose: 'purpose|finalite|objet|type consentement|consent type',
    status: 'status|statut|consentement|consent|etat|reponse|choix|decision',
    indicated_at:
      'indicated at|date consentement|consent date|date opt in|date optin|horodatage|date recueil|recueilli|recueillie|date choix|date decision|date reponse|date accord|date signature|signe|date|le',
    channel:
      'channel|canal|canal recueil|mode recueil|recueilli par|recueilli via|recueilli sur|recueillie par|source|origine|media',
    notice_id: 'notice id|notice|formulaire|mention id|texte|texte mention|mention|id texte|code texte',
    notice_version: 'notice version|version notice|version|version texte|version mention',
    notice_text: 'notice text|texte|texte mention|mention|libelle|consent text',
    anonymous_id: 'anonymous id',
    device_id: 'device id',
    vendor: 'vendor',
    basis: 'basis',
    basis_reference: 'basis reference',
    evidence_json: 'evidence json',
  },
  products: {
    sku: 'sku|code article|reference article|ref article|code produit|reference produit|reference|ref|product code|item code|product id|id produit|id article|article|handle|id',
    name: 'name|libelle article|libelle produit|libelle|designation|nom article|nom produit|nom|product name|item name|title|titre|produit',
    category:
      'category|categorie|famille|rayon|univers|departement|department|product category|product type|type|categories|famille article',
    subcategory: 'subcategory|sous famille|sous categorie|sub category|sous rayon|sub family',
    brand: 'brand|marque|fabricant|manufacturer|vendor|griffe',
    price:
      'price|prix ttc|prix vente ttc|prix vente|prix|pv ttc|pvp|tarif ttc|tarif|regular price|variant price|retail price|prix public',
    currency: RECEIPT['currency'] as string,
    ean: 'ean|ean13|gencod|gtin|code barre|code barres|barcode|upc',
    active: 'active|actif|statut|status|en vente|published|publie|etat|enabled',
  },
  stores: {
    store_id: `${RECEIPT['store_id']}|store number|code|id|identifiant|numero`,
    name: 'name|nom magasin|libelle magasin|enseigne|nom|libelle|store name|raison sociale|magasin|boutique',
    address: 'address|adresse|adresse 1|adresse1|rue|voie|street|address line 1|address1',
    postal_code: CUSTOMERS['postal_code'] as string,
    city: CUSTOMERS['city'] as string,
    country: CUSTOMERS['country'] as string,
    latitude: 'latitude|lat|gps latitude|coordonnee x',
    longitude: 'longitude|lon|lng|long|gps longitude|coordonnee y',
    opening_hours: 'opening hours|horaires|horaires ouverture|hours|ouverture',
  },
  campaigns: {
    campaign_id: 'campaign id|code campagne|id campagne|numero campagne|code operation|campaign code|reference|code|id',
    name: 'name|nom campagne|libelle campagne|campagne|operation|campaign name|campaign|nom|libelle|title',
    channel: 'channel|canal|media|levier|support|medium|plateforme|platform',
    starts_on: 'starts on|date debut|debut|start date|starts at|start|date lancement|du',
    ends_on: 'ends on|date fin|fin|end date|ends at|end|au',
    spend:
      'spend|depense|depenses|cout|budget|montant|budget ht|cout ht|depense ht|montant ht|budget ttc|cost|amount spent|investissement|cout ttc|montant depense',
    currency: RECEIPT['currency'] as string,
    brand: 'brand|marque|enseigne',
    utm_source: 'utm source|source',
    utm_medium: 'utm medium',
    utm_campaign: 'utm campaign',
  },
};

/** A time of day that stands in a column of its own, beside the date. */
const TIMES_OF_DAY = new Set(
  [
    'heure',
    'heure ticket',
    'heure vente',
    'heure achat',
    'heure transaction',
    'heure piece',
    'heure operation',
    'heure encaissement',
    'hr',
    'time',
  ].map(normalName),
);

/** A name with a remark stands behind all plain ones. */
const REMARKED = 1_000;

const ranks = new Map<ImportKind, ReadonlyMap<string, readonly (readonly [column: string, rank: number])[]>>();

/** Our columns that a name may stand for, each with its rank among the names of that column: 0 is the plainest. */
export function meaningsOf(kind: ImportKind, name: string): readonly (readonly [column: string, rank: number])[] {
  let table = ranks.get(kind);
  if (table === undefined) {
    const made = new Map<string, (readonly [string, number])[]>();
    for (const [column, names] of Object.entries(SYNONYMS[kind])) {
      for (const [rank, each] of names.split('|').entries()) {
        const normal = normalName(each);
        made.set(normal, [...(made.get(normal) ?? []), [column, rank]]);
      }
    }
    table = made;
    ranks.set(kind, table);
  }
  const meanings = table.get(normalName(name));
  if (meanings !== undefined) return meanings;
  const bare = nameWithoutRemark(name);
  const likely = bare === undefined ? [] : (table.get(bare) ?? []);
  return likely.map(([column, rank]) => [column, rank + REMARKED]);
}

/** Whether a name says only that it is about the person, and not what of them stands there. */
export function isPersonWord(name: string): boolean {
  return PERSON_WORDS.has(normalName(name)) || PERSON_WORDS.has(nameWithoutRemark(name) ?? '');
}

export function isTimeOfDay(name: string): boolean {
  return TIMES_OF_DAY.has(normalName(name)) || TIMES_OF_DAY.has(nameWithoutRemark(name) ?? '');
}

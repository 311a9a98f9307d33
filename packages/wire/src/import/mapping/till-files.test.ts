import { describe, expect, test } from 'vitest';
import type { ImportKind } from '../import-kind.ts';
import { proposeMapping } from './propose-mapping.ts';

/** First lines as French tills, loyalty programmes and shop systems write them, with a row each. */
const FILES: readonly (readonly [kind: ImportKind, header: string, row: string])[] = [
  [
    'tickets',
    'Établissement;N° pièce;Date pièce;Heure pièce;Code article;Libellé;Qté facturée;PU TTC;Mt TTC;Total TTC pièce;Code tiers',
    '017;FFO-104233;21/11/2026;18:03;A12;Pull marin;1;49,90;49,90;79,80;C00412',
  ],
  [
    'tickets',
    'Mag;Poste;Tck;Jour;Hr;Gencode;Lib article;Nb;Prix TTC;Mt remise;Montant total ticket;Carte fid',
    '17;2;88123;21.11.26;18h03;3560000000015;Jean;2;39,00;0,00;78,00;2900000000017',
  ],
  [
    'tickets',
    'Code point de vente|Numéro de facture|Date opération|Nature pièce|Réf art|Désignation|Famille|Quantité vendue|Montant net TTC|Net à payer',
    'LYO1|F-2210|2026-11-21 18:03|Vente|R-77|Bottes|Chaussures|1|119,00|119,00',
  ],
  [
    'customers',
    'N° adhérent;Nom;Prénom;Adresse mail;Tel portable;CP;Ville;Dt naissance;Date souscription;Accord email;Accord SMS',
    'AD100;Vornat;Zélie;zelie.vornat@example.com;0639981201;01000;Bourg;22/03/1981;12/01/2024;O;N',
  ],
  [
    'customers',
    'Code client;Civilité;Nom;Prénom;E-mail;Port;Code postal;Ville;Pays;Date dernière MAJ;OK mail',
    'C1;Mme;Vornat;Zélie;zelie.vornat@example.com;0639981201;01000;Bourg;France;21/11/2026;1',
  ],
  [
    'products',
    'Code article;Désignation;Famille;Sous-famille;Marque;PV TTC;Gencod',
    'A1;Pull marin;Femme;Mailles;MA;49,90;3560000000015',
  ],
  [
    'products',
    'Handle,Title,Vendor,Type,Variant Price,Barcode,Status',
    'pull-marin,Pull marin,MA,Mailles,49.90,3560000000015,active',
  ],
  [
    'stores',
    'Code magasin;Nom magasin;Adresse;CP;Ville;Pays;Latitude;Longitude;Horaires',
    '17;Bourg;1 rue Haute;1000;Bourg;France;46,2051;5,2255;10h-19h',
  ],
  [
    'campaigns',
    'Code campagne;Campagne;Canal;Date début;Date fin;Budget;utm_campaign',
    'OP26;Soldes d’hiver;e-mail;17/01/2026;03/02/2026;12 500,00;soldes-26',
  ],
  [
    'campaigns',
    'Campaign ID,Campaign name,Platform,Start date,End date,Amount spent,Currency',
    '120,Winter sale,social,2026-01-07,2026-02-03,12500.00,EUR',
  ],
];

describe('files of tills, loyalty programmes and shop systems are read without a word', () => {
  test.each(FILES)('%s: %s', (kind, header, row) => {
    const delimiter = header.includes(';') ? ';' : header.includes('|') ? '|' : ',';
    const cells = (line: string): string[] => line.split(delimiter);
    const { mapping, problems } = proposeMapping(
      { header: cells(header), rows: [cells(row)] },
      { kind, country: 'FR' },
    );
    expect(problems).toEqual([]);
    expect(mapping.dropped.filter(({ reason }) => reason !== 'unknown')).toEqual([]);
    const asked = ['Civilité'];
    expect(mapping.dropped.map(({ from }) => from).filter((name) => !asked.includes(name))).toEqual([]);
  });

  test('what is not found is asked for by name, with the columns that nothing was made of', () => {
    const header = ['N° ticket', 'Date', 'Magasin', 'Article', 'Bidule', 'Machin'];
    const { problems } = proposeMapping(
      { header, rows: [['T1', '21/11/2026', '17', 'A', '7,00', '7,00']] },
      { kind: 'tickets', country: 'FR' },
    );
    expect(problems.map(({ column, code, detail }) => [column, code, detail])).toEqual([
      ['ticket_total', 'column-missing', 'not recognised: Bidule, Machin'],
      ['line_amount', 'column-missing', 'line_amount, line_price; not recognised: Bidule, Machin'],
    ]);
  });
});

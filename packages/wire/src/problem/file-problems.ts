import { problem } from './problem-text.ts';

/** Lines of files. */
export const FILE_PROBLEMS = {
  'file-empty': problem(
    'malformed',
    ['The file is empty.', 'Begin it with a line that names these columns.'],
    ['Le fichier est vide.', 'Commencez-le par une ligne qui nomme ces colonnes.'],
  ),
  'file-cut-short': problem(
    'malformed',
    [
      'A cell opens a quote that nothing closes; no line after this one was read.',
      'Close the quote, and import the lines from this one on.',
    ],
    [
      'Une cellule ouvre un guillemet que rien ne ferme ; aucune ligne suivante n’a été lue.',
      'Fermez le guillemet, et importez les lignes à partir de celle-ci.',
    ],
  ),
  'item-of-other-file': problem(
    'malformed',
    ['A file of this kind does not hold items of this type.', 'Put the item into a file of its own kind.'],
    ['Un fichier de ce genre ne contient pas ce type d’élément.', 'Mettez l’élément dans un fichier de son genre.'],
  ),
  'column-missing': problem(
    'malformed',
    ['A required column is missing.', 'Add the column to the first line of the file.'],
    ['Une colonne obligatoire manque.', 'Ajoutez la colonne à la première ligne du fichier.'],
  ),
  'mapping-column-absent': problem(
    'malformed',
    [
      'The mapping speaks of a column that the file does not have.',
      'Correct its name in the mapping file, or remove it.',
    ],
    [
      'La correspondance parle d’une colonne que le fichier n’a pas.',
      'Corrigez son nom dans le fichier de correspondance, ou retirez-la.',
    ],
  ),
  'dates-ambiguous': problem(
    'malformed',
    [
      'The day and the month cannot be told apart in this column.',
      'Say which comes first: --dates dmy or --dates mdy.',
    ],
    [
      'Le jour et le mois ne se distinguent pas dans cette colonne.',
      'Dites lequel vient d’abord : --dates dmy ou --dates mdy.',
    ],
  ),
  'decimals-ambiguous': problem(
    'malformed',
    [
      'Decimals and thousands cannot be told apart in this column.',
      'Say what stands before the decimals: --decimals comma or --decimals point.',
    ],
    [
      'Les décimales et les milliers ne se distinguent pas dans cette colonne.',
      'Dites ce qui précède les décimales : --decimals comma ou --decimals point.',
    ],
  ),
  'scientific-notation': problem(
    'malformed',
    [
      'A spreadsheet shortened this number (1.23E+12): its last digits are lost.',
      'Export the file again from where it came, without opening it in a spreadsheet, or with this column as text.',
    ],
    [
      'Un tableur a abrégé ce nombre (1,23E+12) : ses derniers chiffres sont perdus.',
      'Réexportez le fichier depuis son origine, sans l’ouvrir dans un tableur, ou avec cette colonne en texte.',
    ],
  ),
  'no-such-day': problem(
    'malformed',
    [
      'There is no such day in the calendar.',
      'Write the day that is meant; where nobody knows it, empty the cell if the column is not a required one.',
    ],
    [
      'Ce jour n’existe pas dans le calendrier.',
      'Écrivez le bon jour ; si personne ne le connaît, videz la cellule quand la colonne n’est pas obligatoire.',
    ],
  ),
  'year-too-short': problem(
    'malformed',
    ['A year of two digits does not say its century.', 'Write the year with four digits.'],
    ['Une année à deux chiffres ne dit pas son siècle.', 'Écrivez l’année avec quatre chiffres.'],
  ),
  'column-unknown': problem(
    'malformed',
    ['The file has a column that is not known.', 'Remove the column or correct its name.'],
    ['Le fichier a une colonne inconnue.', 'Retirez la colonne ou corrigez son nom.'],
  ),
  'column-repeated': problem(
    'malformed',
    ['The file has the same column twice.', 'Keep one of the two.'],
    ['Le fichier a deux fois la même colonne.', 'Gardez-en une.'],
  ),
  'cell-missing': problem(
    'malformed',
    ['A required cell is empty.', 'Fill the cell.'],
    ['Une cellule obligatoire est vide.', 'Remplissez la cellule.'],
  ),
  'row-too-short': problem(
    'malformed',
    [
      'The row has fewer cells than the first line.',
      'Complete the row, or put quotes around cells that contain the separator.',
    ],
    [
      'La ligne a moins de cellules que la première.',
      'Complétez la ligne, ou mettez entre guillemets les cellules qui contiennent le séparateur.',
    ],
  ),
  'row-too-long': problem(
    'malformed',
    ['The row has more cells than the first line.', 'Put quotes around cells that contain the separator.'],
    [
      'La ligne a plus de cellules que la première.',
      'Mettez entre guillemets les cellules qui contiennent le séparateur.',
    ],
  ),
  'quote-not-closed': problem(
    'malformed',
    [
      'A cell opens a quote and does not close it; the lines after it were read as part of the cell.',
      'Close the quote, and double the quotes inside a cell.',
    ],
    [
      'Une cellule ouvre un guillemet sans le fermer ; les lignes suivantes ont été lues comme sa suite.',
      'Fermez le guillemet, et doublez ceux qui sont dans une cellule.',
    ],
  ),
  'row-not-utf8': problem(
    'malformed',
    ['The row is not valid UTF-8.', 'Save the file in UTF-8 and import it again.'],
    ['La ligne n’est pas de l’UTF-8 valide.', 'Enregistrez le fichier en UTF-8 et réimportez-le.'],
  ),
  'ticket-rows-differ': problem(
    'malformed',
    [
      'Rows of one ticket disagree on a column that describes the ticket.',
      'Repeat the same value on each row of the ticket.',
    ],
    [
      'Les lignes d’un ticket se contredisent sur une colonne du ticket.',
      'Répétez la même valeur sur chaque ligne du ticket.',
    ],
  ),
  'ticket-rows-apart': problem(
    'malformed',
    ['Rows of one ticket are not next to each other.', 'Sort the file by store, ticket and date.'],
    ['Les lignes d’un ticket ne sont pas voisines.', 'Triez le fichier par magasin, ticket et date.'],
  ),
  'ticket-row-refused': problem(
    'malformed',
    [
      'Another row of this ticket was refused, and half a ticket is not kept.',
      'Mend the other row and import both again.',
    ],
    [
      'Une autre ligne de ce ticket est refusée, et un demi-ticket n’est pas gardé.',
      'Corrigez l’autre ligne et réimportez les deux.',
    ],
  ),
} as const;

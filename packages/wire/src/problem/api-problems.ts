import { problem } from './problem-text.ts';

/** What the management and reading API answers beside the codes of access. */
export const API_PROBLEMS = {
  'parameter-unknown': problem(
    'malformed',
    ['There is no such parameter or field here.', 'Remove it, or correct its name.'],
    ['Ce paramètre ou ce champ n’existe pas ici.', 'Retirez-le, ou corrigez son nom.'],
  ),
  'cursor-unreadable': problem(
    'malformed',
    ['The cursor is not one that this list gave out.', 'Send the "next" of the page before, as it is.'],
    ['Ce curseur n’a pas été donné par cette liste.', 'Envoyez tel quel le « next » de la page précédente.'],
  ),
  'profile-not-found': problem(
    'not-found',
    ['Nobody is known by this identifier.', 'Check namespace, value and brand; an erased person is not found either.'],
    [
      'Personne n’est connu sous cet identifiant.',
      'Vérifiez l’espace de noms, la valeur et la marque ; une personne effacée est introuvable.',
    ],
  ),
  'projector-behind': problem(
    'unavailable',
    ['The figures do not hold everything yet that was accepted.', 'Wait as long as Retry-After says and ask again.'],
    ['Les chiffres ne contiennent pas encore tout ce qui a été accepté.', 'Attendez la durée de Retry-After.'],
  ),
  'export-not-found': problem(
    'not-found',
    ['There is no such export of this token.', 'It may have been removed, its time being over: begin another.'],
    ['Ce jeton n’a pas d’export de ce nom.', 'Son délai est peut-être passé et il a été retiré : lancez-en un autre.'],
  ),
  'export-not-ready': problem(
    'conflict',
    ['There are no rows to fetch in this export.', 'Ask for its state; fetch them when it is "ready".'],
    ['Cet export n’a pas de lignes à lire.', 'Demandez son état ; lisez-les quand il est « ready ».'],
  ),
  'exports-busy': problem(
    'too-many',
    ['As many exports are under way as may be.', 'Wait as long as Retry-After says, or remove one that lies ready.'],
    ['Autant d’exports que possible sont en cours.', 'Attendez la durée de Retry-After, ou retirez un export prêt.'],
  ),
  'entry-decided': problem(
    'conflict',
    ['Somebody has decided on this entry already.', 'Read the list again.'],
    ['Quelqu’un a déjà décidé de cette entrée.', 'Relisez la liste.'],
  ),
  'entry-unreadable': problem(
    'conflict',
    ['The entry cannot be read any more, so it cannot enter again.', 'Discard it with a reason.'],
    ['L’entrée n’est plus lisible et ne peut donc rentrer.', 'Écartez-la avec un motif.'],
  ),
  'import-undone': problem(
    'conflict',
    [
      'This import was undone, or is being undone.',
      'Wait until it is undone, then import the file from its beginning.',
    ],
    [
      'Cet import a été annulé, ou est en cours d’annulation.',
      'Attendez la fin, puis réimportez le fichier depuis le début.',
    ],
  ),
  'import-too-old': problem(
    'conflict',
    [
      'This import lies further back than the journal is kept.',
      'It cannot be told from the rest any more; correct its rows by another import.',
    ],
    [
      'Cet import est plus ancien que le journal conservé.',
      'Il ne se distingue plus du reste ; corrigez ses lignes par un autre import.',
    ],
  ),
  'import-ambiguous': problem(
    'conflict',
    ['Several runs bear this id.', 'Name the number of one of them: GET /api/imports lists them.'],
    ['Plusieurs imports portent cet identifiant.', 'Nommez le numéro de l’un d’eux : GET /api/imports les liste.'],
  ),
  'source-gone': problem(
    'conflict',
    ['The source of the entry is not configured any more.', 'Declare the source again, or discard the entry.'],
    ['La source de l’entrée n’est plus configurée.', 'Déclarez-la de nouveau, ou écartez l’entrée.'],
  ),
  'account-exists': problem(
    'conflict',
    ['There is an account of this address already.', 'Give it another password instead: POST /api/accounts/password.'],
    ['Il y a déjà un compte à cette adresse.', 'Donnez-lui un autre mot de passe : POST /api/accounts/password.'],
  ),
  'account-unknown': problem(
    'not-found',
    ['There is no account of this address.', 'Check the address, or make the account: POST /api/accounts.'],
    ['Il n’y a pas de compte à cette adresse.', 'Vérifiez l’adresse, ou créez le compte : POST /api/accounts.'],
  ),
  'credentials-wrong': problem(
    'unauthenticated',
    ['E-mail address and password do not fit.', 'Check both.'],
    ['L’adresse et le mot de passe ne correspondent pas.', 'Vérifiez les deux.'],
  ),
  'too-many-attempts': problem(
    'too-many',
    ['There were too many attempts to sign in.', 'Wait as long as Retry-After says.'],
    ['Trop de tentatives de connexion.', 'Attendez la durée de Retry-After.'],
  ),
  'not-ready': problem(
    'unavailable',
    ['The server cannot work just now.', 'The detail names the part that fails; wait for it, or mend it.'],
    ['Le serveur ne peut travailler pour l’instant.', 'Le détail nomme ce qui manque ; attendez, ou réparez-le.'],
  ),
} as const;

/**
 * A backup or restore that was not begun, or not ended, for a reason that the operator can mend: what is wrong, and what
 * to do, without full stops. `usage`: the command cannot be followed as it was given.
 */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
  readonly kind: 'usage' | 'failed';
  readonly mend: string;

  constructor(kind: 'usage' | 'failed', what: string, mend: string) {
    super(what);
    this.kind = kind;
    this.mend = mend;
  }
}

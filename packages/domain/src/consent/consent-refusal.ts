/** Why the ledger does not take a record, or one of its decisions. */
export type ConsentRefusal = {
  readonly code:
    | 'channel-not-allowed'
    | 'unknown-purpose'
    | 'unknown-notice'
    | 'purpose-not-in-notice'
    | 'reference-missing'
    | 'basis-not-possible'
    | 'objection-not-possible'
    | 'objection-expected'
    | 'no-subject'
    | 'no-decision'
    | 'repeated-decision'
    | 'brand-not-joint'
    | 'brand-not-in-notice'
    | 'no-shared-subject';
  readonly message: string;
  /** JSON pointer into the request body. */
  readonly pointer: string;
};

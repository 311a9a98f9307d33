import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@filrouge/server';
import type { FailureWords } from '../api/reworded.ts';
import { EXIT } from '../exit-code.ts';

/** A key or token that is not there. */
export function unknownId(what: 'key' | 'token', id: string): FailureWords {
  return { what: `there is no ${what} ${id}`, mend: `filrouge ${what} list names them`, exitCode: EXIT.usage };
}

/** Why an account was not made or changed; `code` is the server's or that of the data directory. */
export function accountWords(code: unknown, email: string): FailureWords | undefined {
  switch (code) {
    case 'account-exists':
      return {
        what: `there is an account ${email} already`,
        mend: `filrouge user password ${email} gives it another password`,
        exitCode: EXIT.failed,
      };
    case 'account-unknown':
      return {
        what: `there is no account ${email}`,
        mend: `filrouge user create ${email} makes it`,
        exitCode: EXIT.usage,
      };
    case 'email-unreadable':
      return {
        what: `${email} is no e-mail address`,
        mend: 'Write it like name@company.example',
        exitCode: EXIT.usage,
      };
    case 'password-too-short':
    case 'password-too-long':
      return {
        what: 'the password was not taken',
        mend: `Use ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`,
        exitCode: EXIT.usage,
      };
    default:
      return undefined;
  }
}

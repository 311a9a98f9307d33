import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-code.ts';

/** The value of an option that takes a whole number. Throws `CommandFailure` (usage) for any other text. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new CommandFailure(`${option} ${text} is no whole number from ${min} to ${max}`, 'Give one', EXIT.usage);
}

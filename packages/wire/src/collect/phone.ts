import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

const TEXT_LENGTH_MAX = 40;

/**
 * The mobile numbers that ARCEP keeps free for fiction (decision 2018-0881): no subscriber has one, so the numbering
 * plan calls them invalid, and they are the only ones that tests, demonstrations and training may use.
 */
const FICTION = /^\+3363998\d{4}$/;

/**
 * A telephone number as people type it -> E.164; undefined when it is none. A number without country code is read as
 * one of the source's country. Extensions are refused: they name a desk, not a person's line.
 */
export function readPhone(text: string, country: string): string | undefined {
  const typed = text.trim();
  if (typed.length < 5 || typed.length > TEXT_LENGTH_MAX || !/^[+(0-9]/.test(typed)) return undefined;
  const region = country.toUpperCase();
  const number = isSupportedCountry(region)
    ? parsePhoneNumberFromString(typed, { defaultCountry: region as CountryCode, extract: false })
    : parsePhoneNumberFromString(typed, { extract: false });
  if (number === undefined || number.ext !== undefined) return undefined;
  return number.isValid() || FICTION.test(number.number) ? number.number : undefined;
}

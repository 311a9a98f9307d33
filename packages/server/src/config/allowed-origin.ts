import { z } from 'zod';

/** Of pages in applications: `capacitor://localhost`. */
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/;
const WEB_SCHEME = /^https?:/i;

/** An origin as a browser sends it, character by character: another spelling would never match. */
export const allowedOrigin = z.string().refine((text) => text === spelled(text), {
  error: ({ input }) => {
    const text = String(input);
    const meant = spelled(text.includes('://') || text === '' ? text : `https://${text}`);
    const form = 'scheme://host or scheme://host:port, in lower case, without path and without slash at the end';
    return meant === undefined
      ? `no origin that a browser sends; write ${form}.`
      : `no browser sends ${JSON.stringify(input)} as its origin; write '${meant}' (${form}).`;
  },
});

/** The origin of an address as a browser spells it; undefined where it has none. Pages without an origin send `null`. */
function spelled(text: string): string | undefined {
  if (text === 'null') return text;
  if (!WEB_SCHEME.test(text)) return OTHER_SCHEME.test(text) ? text : undefined;
  const origin = URL.canParse(text) ? new URL(text).origin : undefined;
  // A star is a letter of a host name to the parser, and matches nothing.
  return origin === undefined || origin.includes('*') ? undefined : origin;
}

import { hash } from 'node:crypto';
import type { Deployment } from '@filrouge/domain/deployment';
import type { Confirmation } from './confirmation.ts';
import { maskedAddress, type PageKind, type PageLanguage, purposeWords, WORDS } from './confirmation-words.ts';

const STYLE = `
:root{color-scheme:light dark;--ground:#f4f3ef;--card:#fff;--ink:#1d1c1a;--soft:#5b5852;--line:#dcd9d1;--act:#1f4f46;--on-act:#fff;--mark:#1f6f54}
@media (prefers-color-scheme:dark){:root{--ground:#161513;--card:#211f1d;--ink:#f1efea;--soft:#b8b3a9;--line:#3a3733;--act:#a9dccb;--on-act:#10211c;--mark:#7fd1b4}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:clamp(1.25rem,5vw,2.5rem)}
.brand{margin:0 0 1.25rem;color:var(--soft);font-size:.9375rem;font-weight:600}
h1{margin:0 0 .75rem;font-size:clamp(1.5rem,5vw,1.875rem);line-height:1.2;text-wrap:balance}
h2{margin:1.5rem 0 .375rem;font-size:.9375rem;color:var(--soft);font-weight:600}
p{margin:0 0 .75rem;overflow-wrap:anywhere}
ul{margin:0;padding:0;list-style:none}
li{padding:.25rem 0 .25rem 1.625rem;position:relative}
li::before{content:"";position:absolute;left:.375rem;top:.875rem;width:.375rem;height:.375rem;border-radius:50%;background:var(--soft)}
.given li::before{left:.25rem;top:.7rem;width:.7rem;height:.35rem;border-radius:0;background:none;border:solid var(--mark);border-width:0 0 2px 2px;transform:rotate(-45deg)}
.shown{white-space:pre-line;border-left:3px solid var(--line);padding-left:1rem;color:var(--soft);font-size:1rem}
button{width:100%;margin-top:1.5rem;min-height:3rem;padding:.75rem 1.25rem;border:0;border-radius:.5rem;background:var(--act);color:var(--on-act);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}
button:focus-visible{outline:3px solid var(--mark);outline-offset:3px}
.contact{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9375rem}
`;

/** Nothing is loaded, nothing runs, nobody may frame it, and the form goes nowhere else. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'no-store',
  vary: 'accept-language, accept',
};

/** What a page shows beside its sentences; a link that cannot be read has nothing to show. */
export type Shown = {
  readonly deployment: Pick<Deployment, 'brands' | 'notices'>;
  readonly language: PageLanguage;
  readonly confirmation?: Pick<Confirmation, 'brand' | 'subject' | 'notice' | 'decisions'>;
  /** Of an open page: what the button sends. */
  readonly token?: string;
};

/** A page for the person who was sent the link. */
export function confirmationPage(kind: PageKind, { deployment, language, confirmation, token }: Shown): string {
  const words = WORDS[language];
  const brand = confirmation === undefined ? undefined : deployment.brands.get(confirmation.brand);
  const told = {
    brand: brand?.name ?? '',
    address: confirmation === undefined ? '' : maskedAddress(confirmation.subject),
  };
  const { title, sentences } = words.pages[kind];
  const parts = [
    brand === undefined ? '' : `<p class="brand">${escaped(brand.name)}</p>`,
    `<h1>${escaped(title)}</h1>`,
    ...sentences(told).map((sentence) => `<p>${escaped(sentence)}</p>`),
    ...(confirmation === undefined || !TELLS_WHAT.has(kind)
      ? []
      : whatOf(confirmation, deployment, language, kind !== 'open')),
    token === undefined
      ? ''
      : `<form method="post" action="confirm"><input type="hidden" name="token" value="${escaped(token)}"><button type="submit">${escaped(words.button)}</button></form>`,
    brand?.contact === undefined ? '' : `<p class="contact">${escaped(words.contact(brand.contact))}</p>`,
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escaped(brand === undefined ? title : `${title} – ${brand.name}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

const TELLS_WHAT: ReadonlySet<PageKind> = new Set(['open', 'confirmed', 'already-confirmed']);

function whatOf(
  { brand, notice, decisions }: NonNullable<Shown['confirmation']>,
  { notices }: Shown['deployment'],
  language: PageLanguage,
  isGiven: boolean,
): readonly string[] {
  const words = WORDS[language];
  const purposes = [...new Set(decisions.map(({ purpose }) => purpose))];
  const shown = notices.find((one) => one.brand === brand && one.id === notice.id && one.version === notice.version);
  const text = shown?.text[language] ?? Object.values(shown?.text ?? {})[0];
  return [
    `<h2>${escaped(isGiven ? words.given : words.asked)}</h2>`,
    // Nothing is ticked before the person has pressed the button.
    `<ul${isGiven ? ' class="given"' : ''}>${purposes.map((purpose) => `<li>${escaped(purposeWords(purpose, language))}</li>`).join('')}</ul>`,
    ...(text === undefined ? [] : [`<h2>${escaped(words.shown)}</h2>`, `<p class="shown">${escaped(text)}</p>`]),
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

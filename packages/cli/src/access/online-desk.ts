import { documentOf, listOf, textOf } from '../api/answer-document.ts';
import type { ApiClient } from '../api/api-client.ts';
import { reworded } from '../api/reworded.ts';
import type { AccessDesk, MadeSecret } from './access-desk.ts';
import { accountWords, unknownId } from './access-words.ts';

/** The desk of a running server. */
export function onlineDesk(client: ApiClient): AccessDesk {
  const items = async (path: string) => {
    const answer = await client.call('GET', path);
    return listOf(Array.isArray(answer) ? answer : documentOf(answer)['items']);
  };
  return {
    createKey: async (source) => madeSecret(await client.call('POST', '/api/keys', { source }), 'key'),
    keys: () => items('/api/keys'),
    revokeKey: (id) => revoke(client, 'key', id),
    createToken: async (name, scopes, brand) =>
      madeSecret(
        await client.call('POST', '/api/tokens', { name, scopes, ...(brand === undefined ? {} : { brand }) }),
        'token',
      ),
    tokens: () => items('/api/tokens'),
    revokeToken: (id) => revoke(client, 'token', id),
    createAccount: (email, password) => putAccount(client, '/api/accounts', { email, password }),
    renewAccount: (email, password) => putAccount(client, '/api/accounts/password', { email, password }),
  };
}

async function revoke(client: ApiClient, what: 'key' | 'token', id: string): Promise<void> {
  await reworded(client.call('DELETE', `/api/${what}s/${encodeURIComponent(id)}`), ({ code }) =>
    code === 'not-found' ? unknownId(what, id) : undefined,
  );
}

async function putAccount(
  client: ApiClient,
  path: string,
  account: { readonly email: string; readonly password: string },
): Promise<void> {
  await reworded(client.call('POST', path, account), ({ code, pointer }) => {
    if (code !== 'value-not-allowed') return accountWords(code, account.email);
    return accountWords(pointer === '/email' ? 'email-unreadable' : 'password-too-short', account.email);
  });
}

function madeSecret(answer: unknown, name: string): MadeSecret {
  const document = documentOf(answer);
  return { id: textOf(document['id']) ?? '', secret: textOf(document[name]) ?? textOf(document['secret']) ?? '' };
}

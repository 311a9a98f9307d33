import { documentOf, listOf, textOf } from '../api/answer-document.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { AccessDesk, MadeSecret } from './access-desk.ts';

/** The desk of a running server. */
export function onlineDesk(client: ApiClient): AccessDesk {
  const items = async (path: string) => {
    const answer = await client.call('GET', path);
    return listOf(Array.isArray(answer) ? answer : documentOf(answer)['items']);
  };
  return {
    createKey: async (source) => madeSecret(await client.call('POST', '/api/keys', { source }), 'key'),
    keys: () => items('/api/keys'),
    revokeKey: async (id) => void (await client.call('DELETE', `/api/keys/${encodeURIComponent(id)}`)),
    createToken: async (name, scopes, brand) =>
      madeSecret(
        await client.call('POST', '/api/tokens', { name, scopes, ...(brand === undefined ? {} : { brand }) }),
        'token',
      ),
    tokens: () => items('/api/tokens'),
    revokeToken: async (id) => void (await client.call('DELETE', `/api/tokens/${encodeURIComponent(id)}`)),
    putAccount: async (email, password) => void (await client.call('POST', '/api/accounts', { email, password })),
  };
}

function madeSecret(answer: unknown, name: string): MadeSecret {
  const document = documentOf(answer);
  return { id: textOf(document['id']) ?? '', secret: textOf(document[name]) ?? textOf(document['secret']) ?? '' };
}

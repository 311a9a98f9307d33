import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unknownWriteKey } from '../access/unknown-credential.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import type { CollectService } from './collect-service.ts';

/** The script of Segment's snippet, as its package ships it; its chunks lie beside it. */
const STANDALONE = '@segment/analytics-next/dist/umd/standalone.js';

/** A page asks for it on every visit; a new version should arrive the same day. Unit: seconds. */
const SCRIPT_SECONDS = 3_600;
/** A chunk's name carries the hash of its content. Unit: seconds. */
const CHUNK_SECONDS = 31_536_000;

/**
 * `/analytics.js/v1/:writeKey/analytics.min.js` and the chunks it loads (wire.md 4.2): with our host in it, the snippet
 * that a site has on its pages loads the unmodified client from here, and Segment's CDN is not asked.
 */
export function registerSnippetRoutes(app: FastifyInstance, service: CollectService): void {
  const scripts = readScripts();
  app.get('/analytics.js/v1/:writeKey/analytics.min.js', async (request, reply) => {
    const { writeKey } = request.params as { readonly writeKey: string };
    if ((await service.keys.find(writeKey)) === undefined) throw unknownWriteKey([writeKey]);
    return sendScript(reply, scripts.standalone, SCRIPT_SECONDS);
  });
  app.get('/analytics-next/bundles/:name', (request: FastifyRequest, reply) => {
    const { name } = request.params as { readonly name: string };
    const chunk = scripts.chunks.get(name);
    if (chunk === undefined) throw new ProblemAnswer('not-found');
    return sendScript(reply, chunk, CHUNK_SECONDS);
  });
}

type Scripts = { readonly standalone: Buffer; readonly chunks: ReadonlyMap<string, Buffer> };

/** Read once, at the start: nothing that a request names ever becomes a path. */
function readScripts(): Scripts {
  const file = createRequire(import.meta.url).resolve(STANDALONE);
  const folder = dirname(file);
  const names = readdirSync(folder).filter((name) => /\.bundle\.[0-9a-f]+\.js$/.test(name));
  return {
    standalone: readFileSync(file),
    chunks: new Map(names.map((name) => [name, readFileSync(`${folder}/${name}`)])),
  };
}

/** A script is public, and a page may check it across origins. */
function sendScript(reply: FastifyReply, script: Buffer, seconds: number): FastifyReply {
  return reply
    .header('content-type', 'text/javascript; charset=utf-8')
    .header('cache-control', `public, max-age=${seconds}${seconds === CHUNK_SECONDS ? ', immutable' : ''}`)
    .header('access-control-allow-origin', '*')
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('x-content-type-options', 'nosniff')
    .send(script);
}

import { ask } from '../api/api-client.ts';
import { failureOfAnswer } from '../api/api-failure.ts';
import { serverAddress } from '../api/server-address.ts';
import type { Register } from '../command.ts';
import { EXIT } from '../exit-code.ts';

/** `filrouge openapi`: the description of the API, as a running server gives it. */
export const registerOpenapi: Register = (program, perform) => {
  program
    .command('openapi')
    .description('print the OpenAPI document of a running server')
    .option('--url <address>', 'the server (default: FILROUGE_URL, or this machine’s)')
    .action(
      perform<{ readonly url?: string }>(async (context, options) => {
        const url = serverAddress(options.url, context.environment);
        const { status, text } = await ask(url, '/api/openapi.json', context.stop);
        if (status >= 400) throw failureOfAnswer(url, { status, body: text });
        context.data(context.json ? text : JSON.stringify(JSON.parse(text), undefined, 2));
        return EXIT.done;
      }),
    );
};

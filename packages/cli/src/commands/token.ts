import { TOKEN_SCOPES } from '@filrouge/server';
import { withDeskOptions } from '../access/desk-options.ts';
import { tellEntries, tellSecret } from '../access/tell-access.ts';
import { type DeskOptions, withDesk } from '../access/with-desk.ts';
import type { Register } from '../command.ts';
import { EXIT } from '../exit-code.ts';

type CreateOptions = DeskOptions & { readonly scope?: readonly string[]; readonly brand?: string };

/** `filrouge token create|list|revoke`: tokens of the management and reading API. */
export const registerToken: Register = (program, perform) => {
  const token = program.command('token').description('make, list and revoke API tokens');
  withDeskOptions(
    token
      .command('create')
      .description('make a token and show it, this once')
      .argument('<name>', 'who or what uses it')
      .option('--scope <scopes...>', `what it may do: ${TOKEN_SCOPES.join(', ')} (default: reports:read flow:read)`)
      .option('--brand <id>', 'bind it to one brand'),
  ).action(
    perform<CreateOptions, [name: string]>((context, options, name) =>
      withDesk(context, options, async (desk) => {
        const scopes = options.scope?.flatMap((each) => each.split(',')) ?? ['reports:read', 'flow:read'];
        if (context.dryRun) context.data(`would make a token ${name} for ${scopes.join(', ')}`);
        else tellSecret(context, { ...(await desk.createToken(name, scopes, options.brand)), name, scopes }, 'token');
        return EXIT.done;
      }),
    ),
  );
  withDeskOptions(token.command('list').description('list the tokens, without the secrets')).action(
    perform<DeskOptions>((context, options) =>
      withDesk(context, options, async (desk) => {
        tellEntries(context, await desk.tokens(), [
          'id',
          'name',
          'scopes',
          'brand',
          'createdAt',
          'lastUsedAt',
          'revokedAt',
        ]);
        return EXIT.done;
      }),
    ),
  );
  withDeskOptions(
    token.command('revoke').description('end a token, at once').argument('<id>', 'as token list shows it'),
  ).action(
    perform<DeskOptions, [id: string]>((context, options, id) =>
      withDesk(context, options, async (desk) => {
        if (!context.dryRun) await desk.revokeToken(id);
        context.data(
          context.json
            ? JSON.stringify({ id, revoked: !context.dryRun })
            : `${id} ${context.dryRun ? 'would be' : 'is'} revoked`,
        );
        return EXIT.done;
      }),
    ),
  );
};

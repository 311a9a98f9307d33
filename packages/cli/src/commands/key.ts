import { withDeskOptions } from '../access/desk-options.ts';
import { tellEntries, tellSecret } from '../access/tell-access.ts';
import { type DeskOptions, withDesk } from '../access/with-desk.ts';
import type { Register } from '../command.ts';
import { EXIT } from '../exit-code.ts';

/** `filrouge key create|list|revoke`: the write keys of sources. */
export const registerKey: Register = (program, perform) => {
  const key = program.command('key').description('make, list and revoke the write keys of sources');
  withDeskOptions(
    key
      .command('create')
      .description('make a key and show it, this once')
      .argument('<source>', 'its id in the configuration'),
  ).action(
    perform<DeskOptions, [source: string]>((context, options, source) =>
      withDesk(context, options, async (desk) => {
        if (context.dryRun) context.data(`would make a key for ${source}`);
        else tellSecret(context, { ...(await desk.createKey(source)), source }, 'key');
        return EXIT.done;
      }),
    ),
  );
  withDeskOptions(key.command('list').description('list the keys, without the secrets')).action(
    perform<DeskOptions>((context, options) =>
      withDesk(context, options, async (desk) => {
        tellEntries(context, await desk.keys(), ['id', 'source', 'createdAt', 'lastUsedAt', 'revokedAt']);
        return EXIT.done;
      }),
    ),
  );
  withDeskOptions(
    key
      .command('revoke')
      .description('end a key: within seconds nothing comes in by it')
      .argument('<id>', 'as key list shows it'),
  ).action(
    perform<DeskOptions, [id: string]>((context, options, id) =>
      withDesk(context, options, async (desk) => {
        if (!context.dryRun) await desk.revokeKey(id);
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

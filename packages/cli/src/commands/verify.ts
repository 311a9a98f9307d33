import { FLOW_SUMS, isBalanced } from '../api/flow.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { withInstallation } from '../offline/open-installation.ts';
import { count } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

/** `filrouge verify`: the books of a stopped installation, and the digest of its projections. */
export const registerVerify: Register = (program, perform) => {
  program
    .command('verify')
    .description('say the digest of the projections and whether the books balance; exit code 3 when not')
    .addHelpText('after', '\nStop the server first. What is not projected yet is projected before.')
    .action(perform((context) => verify(context)));
};

async function verify(context: CommandContext): Promise<ExitCode> {
  const { digest, flow } = await withInstallation(context, async (offline) => {
    await offline.drain();
    return { digest: await offline.digest(), flow: await offline.flow() };
  });
  const balanced = isBalanced(flow);
  if (context.json) {
    const sums = Object.fromEntries(FLOW_SUMS.map((name) => [name, flow[name]]));
    context.data(JSON.stringify({ digest, flow: sums, balanced }));
  } else {
    for (const line of textTable(['projection', 'digest'], Object.entries(digest))) context.data(line);
    context.data('');
    for (const line of textTable(
      ['', 'items'],
      FLOW_SUMS.map((name) => [name, count(flow[name])]),
      new Set([1]),
    ))
      context.data(line);
    context.data('');
    context.data(
      balanced
        ? 'balanced: everything accepted is accounted for'
        : 'NOT balanced: accepted is not the sum of what became of it',
    );
  }
  return balanced ? EXIT.done : EXIT.differences;
}

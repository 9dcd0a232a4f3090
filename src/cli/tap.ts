import { once } from 'node:events';
import type { Command } from 'commander';
import { createClient } from '../client/client.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { defaultServer, openClient } from './open-client.ts';
import { withStopSignal } from './stop-signal.ts';
import { KeptPours } from './tap/kept-pours.ts';
import { sendingPolicy, Tap } from './tap/run-tap.ts';
import { readTapFlags, type TapFlags } from './tap/tap-flags.ts';
import { jsonTapView, linesTapView, type TapView } from './tap/tap-view.ts';
import { terminalOf } from './terminal.ts';

const help = `
A pour is kept in a file before it is sent, and until the server has it: what
is poured while the server is away, or was on its way when the tap was killed,
is sent later, once, with the time at which it was poured.
`;

/** `coatcheck tap --id 7`: a tap that pours, and prints what it and the others do. */
export function addTap(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('tap')
    .description('Be a tap: pour beers of random volumes, and print what is heard of all taps, until Ctrl-C.')
    .requiredOption('--id <number>', 'the number of the tap')
    .option('--every <duration>', 'between two pours, on the average', '3s')
    .option('--volume <ml>', 'of a pour, at random between two: 100-1000', '100-1000')
    .option('--count <number>', 'end when so many have been poured and sent')
    .option(
      '--keep <file>',
      'where pours are kept until they are sent (default: one a tap and server in ~/.local/state/coatcheck)',
    )
    .option('--server <url>', `the server (COATCHECK_SERVER; default ${defaultServer})`)
    .option('--json', 'one JSON document a line for each event')
    .addHelpText('after', help + exitCodesHelp);
  command.action(async () => {
    const flags = readTapFlags(command.opts(), process.env);
    openClient(flags.server);
    const kept = await KeptPours.open(flags.keep);
    try {
      exit(await withStopSignal((stopped) => pourAndListen(flags, kept, stopped)));
    } finally {
      await kept.close();
    }
  });
}

async function pourAndListen(flags: TapFlags, kept: KeptPours, stopped: AbortSignal): Promise<ExitCode> {
  const out = terminalOf(process.stdout, process.env);
  const view = flags.json ? jsonTapView((line) => out.write(`${line}\n`)) : linesTapView(out, flags);
  const sending = createClient({ baseUrl: flags.server, retry: sendingPolicy });
  const tap = new Tap({ flags, client: sending, kept, view });
  const over = new AbortController();
  const signal = AbortSignal.any([stopped, over.signal]);
  view.starts(kept.count);
  const pouring = tap.run(signal);
  const listening = listen(flags, view, tap, signal);
  try {
    // Listening goes on until it is told to stop; it may only fail before.
    const refused = await Promise.race([pouring, listening.then(() => pouring)]);
    return refused > 0 && !stopped.aborted ? exitCodes.failed : exitCodes.done;
  } finally {
    over.abort();
    await Promise.allSettled([pouring, listening]);
    view.ends(kept.count);
  }
}

/** Never gives up a lost connection; ends when the signal aborts. */
async function listen(flags: TapFlags, view: TapView, tap: Tap, signal: AbortSignal): Promise<void> {
  const retry = { ...sendingPolicy, attemptsMax: Number.POSITIVE_INFINITY };
  const client = createClient({ baseUrl: flags.server, retry });
  const onConnection: TapView['connection'] = (state) => {
    view.connection(state);
    if (state !== 'lost') tap.serverIsThere();
  };
  try {
    for await (const event of client.watchBeers({ tap: flags.id, signal, onConnection })) {
      view.heard(event);
      // Whoever reads slowly is told later, not out of memory.
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

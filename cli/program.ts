import { Command, CommanderError, Option } from 'commander';
import type { CliContext } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { spellOut } from './nmap-letters.ts';
import type { ScanOptions } from './scan-options.ts';

/** Runs one command line; the exit code says how it went. Commands are loaded when they are called. */
export async function runProgram(ctx: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const ends =
    <Parameters extends readonly unknown[]>(run: (...parameters: Parameters) => Promise<ExitCode>) =>
    async (...parameters: Parameters): Promise<void> => {
      code = await run(...parameters);
    };
  const program = describeProgram(ctx);
  describeScan(program).action(
    ends(async (targets: string[], options: ScanOptions) =>
      (await import('./commands/scan.ts')).scan(targets, options, ctx),
    ),
  );
  describeKept(program, ctx, ends);
  try {
    const words = ctx.words.length === 0 && ctx.stdin.isTTY ? ['scan'] : spellOut(ctx.words);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return code;
}

function describeProgram(ctx: CliContext): Command {
  return new Command('portfleet')
    .description('Finds the open ports of the hosts you are allowed to scan, and proves that it asked every one.')
    .version(ctx.version, '-V, --version')
    .helpCommand(false)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => ctx.stdout.write(text),
      writeErr: (text) => ctx.stderr.write(text.replace(/^error: /, 'portfleet: ')),
    })
    .addHelpText(
      'after',
      `
Examples:
  portfleet scan 127.0.0.1                          every TCP port of this machine
  portfleet scan 10.0.0.0/24 -p 22,80,443 -T4       three ports of a network, aggressively
  portfleet scan db.internal -p U:53,T:5432 --format json
  portfleet list; portfleet show 01JD --format csv  what was found before

Exit codes: 0 done, 1 failed, 2 usage, 3 unexpected port or difference, 4 complete with gaps, 130 interrupted.
Scan only hosts that are yours, or whose owner has allowed it.`,
    );
}

const DATA_DIR = () =>
  new Option('--data-dir <directory>', 'where scans are kept (PORTFLEET_DATA_DIR; default: your data directory)');

const ENDPOINT = () =>
  new Option(
    '--endpoint <url>',
    'the fleet to use instead of this machine (PORTFLEET_ENDPOINT; "local": this machine)',
  );

const FORMAT = () =>
  new Option('--format <name>', 'text, json, jsonl, csv, xml, greppable, markdown or html').default('text');

function describeScan(program: Command): Command {
  return program
    .command('scan')
    .summary('scan hosts')
    .description('Scans hosts: names, addresses, CIDR blocks (10.0.0.0/24) and ranges (10.0.0.1-20, 10.0.0-3.1-254).')
    .argument('[target...]', 'what to scan')
    .option('-p, --ports <spec>', '"22,80,8000-9000", "T:443,U:53", "http*", "-1024" (default: every TCP port)')
    .option('--top-ports <n>', 'the n most usual ports instead')
    .option('--udp', 'ask UDP ports where the spec names no protocol (-sU)')
    .option('--service-detection', 'ask open TCP ports what they are: program, version, certificate (-sV)')
    .option('--tls', 'the same, and the certificates behind STARTTLS; marks those that expire, or fit no name')
    .option('-T, --timing <template>', '0 to 5, or paranoid, sneaky, polite, normal, aggressive, insane (default: 3)')
    .option('--timeout <seconds>', 'how long one ask waits for its answer, at the most')
    .option('--retries <n>', 'further asks of a silent port, at the most')
    .option('--rate <n>', 'asks per second to one target address')
    .option('--sockets <n>', 'sockets of each worker')
    .option('--workers <n>', 'worker processes (default: one per core)')
    .option('--input-list <file>', 'read targets from a file, or from standard input with "-" (-iL)')
    .option('--exclude <targets>', 'leave these out')
    .option('--exclude-ports <spec>', 'leave these ports out')
    .option('-4, --ipv4', 'only IPv4 addresses of a name')
    .option('-6, --ipv6', 'only IPv6 addresses of a name')
    .addOption(FORMAT())
    .option('--output-text <file>', 'write the report there as text too (-oN); likewise:')
    .option('--output-xml <file>', "as nmap's XML (-oX)")
    .option('--output-greppable <file>', "as nmap's greppable lines (-oG)")
    .option('--output-json <file>', 'as JSON (-oJ)')
    .option('--output-all <name>', 'as name.txt, name.xml, name.gnmap and name.json (-oA)')
    .option('--open', 'show only open ports')
    .option('--utc', 'show times in UTC')
    .option('--quiet', 'only the report: no progress, no lines as ports are found')
    .option('--expect <ports>', 'the ports that may be open, or a YAML or JSON file of them; exit 3 when another is')
    .option('--expect-exact', 'exit 3 also when an expected port is not open')
    .option('--dry-run', 'show the plan and how long it may take, and ask nothing')
    .option('--no-wait', 'with --endpoint: print the id of the scan and leave')
    .addOption(ENDPOINT())
    .addOption(DATA_DIR());
}

type Ends = <Parameters extends readonly unknown[]>(
  run: (...parameters: Parameters) => Promise<ExitCode>,
) => (...parameters: Parameters) => Promise<void>;

/** The commands over scans that are kept. */
function describeKept(program: Command, ctx: CliContext, ends: Ends): void {
  program
    .command('show')
    .description('Prints the report of a scan, also while it runs.')
    .argument('<scan-id>', 'the id, or the beginning of it')
    .addOption(FORMAT())
    .option('--open', 'show only open ports')
    .option('--utc', 'show times in UTC')
    .addOption(ENDPOINT())
    .addOption(DATA_DIR())
    .action(ends(async (id: string, options) => (await import('./commands/show.ts')).show(id, options, ctx)));
  program
    .command('list')
    .description('Lists the scans, newest first.')
    .option('--limit <n>', 'how many', '20')
    .option('--utc', 'show times in UTC')
    .addOption(ENDPOINT())
    .addOption(DATA_DIR())
    .action(ends(async (options) => (await import('./commands/list.ts')).list(options, ctx)));
  program
    .command('resume')
    .description('Goes on with a scan that was interrupted: asks only the ports that are not settled yet.')
    .argument('<scan-id>', 'the id, or the beginning of it')
    .option('--workers <n>', 'worker processes (default: one per core)')
    .addOption(FORMAT())
    .option('--open', 'show only open ports')
    .option('--utc', 'show times in UTC')
    .option('--quiet', 'only the report')
    .addOption(DATA_DIR())
    .action(ends(async (id: string, options) => (await import('./commands/resume.ts')).resume(id, options, ctx)));
  program
    .command('cancel')
    .description('Stops a scan for good; what was found stays readable.')
    .argument('<scan-id>', 'the id, or the beginning of it')
    .addOption(ENDPOINT())
    .addOption(DATA_DIR())
    .action(ends(async (id: string, options) => (await import('./commands/cancel.ts')).cancel(id, options, ctx)));
  describeComparing(program, ctx, ends);
  describeServe(program, ctx, ends);
}

function describeServe(program: Command, ctx: CliContext, ends: Ends): void {
  program
    .command('serve')
    .description('Serves the HTTP API over the scans of this user, to programs on this machine that know its token.')
    .option('--port <port>', 'where to listen; 0 takes a port that is free', '7377')
    .option('--host <address>', 'an address of loopback', '127.0.0.1')
    .option('--workers <n>', 'worker processes of each scan (default: one per core)')
    .addOption(DATA_DIR())
    .action(ends(async (options) => (await import('./commands/serve.ts')).serve(options, ctx)));
}

/** What is done with scans of before, ours and others'. */
function describeComparing(program: Command, ctx: CliContext, ends: Ends): void {
  program
    .command('diff')
    .description(
      'Tells what changed between two scans, each a scan id or a file of nmap XML; exit 3 when anything did, 4 when too little could be compared.',
    )
    .argument('[before]', 'the earlier scan')
    .argument('[after]', 'the later scan')
    .option('--last <target>', 'compare the two latest scans of that target instead')
    .option('--format <name>', 'text, json or markdown', 'text')
    .option('--utc', 'show times in UTC')
    .addOption(ENDPOINT())
    .addOption(DATA_DIR())
    .action(
      ends(async (before: string | undefined, after: string | undefined, options) =>
        (await import('./commands/diff.ts')).diff(before, after, options, ctx),
      ),
    );
  program
    .command('import')
    .description("Keeps a scan that nmap made, or another tool in nmap's XML, as one of ours.")
    .argument('<nmap.xml>', 'the file')
    .addOption(DATA_DIR())
    .action(
      ends(async (path: string, options) => (await import('./commands/import.ts')).importFile(path, options, ctx)),
    );
}

import { dirname, join } from 'node:path';
import type { LocalNode } from '../../local/local-node.ts';
import type { RunningServer } from '../../local/serve/gate.ts';
import { readHost } from '../../local/serve/guard.ts';
import { makeScanRunner } from '../../local/serve/scan-runner.ts';
import { startServer } from '../../local/serve/server.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { type CliContext, EXIT, type ExitCode, stderrLog } from '../context.ts';
import { localPlanDeps, parseWorkers, storeDirectory, withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { onInterrupt } from '../signals.ts';

type ServeOptions = CommandOptions<'serve'>;

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = '7377';

const HIGHEST_PORT = 65_535;

function readPort(text: string): Result<number> {
  const port = wholeNumber(text.trim(), 0, HIGHEST_PORT);
  if (port !== undefined) return ok(port);
  return err(unreadableOption('--port', text, `a port from 1 to ${HIGHEST_PORT}, or 0 for one that is free`));
}

/** `portfleet serve`: the HTTP API on loopback, over the scans of this user, until it is interrupted. */
export async function serve(options: ServeOptions, ctx: CliContext): Promise<ExitCode> {
  const [host, port, workers] = [
    readHost(options.host ?? DEFAULT_HOST),
    readPort(options.port ?? DEFAULT_PORT),
    parseWorkers(options.workers),
  ];
  if (!host.ok || !port.ok || !workers.ok) {
    return refuse(
      [host, port, workers].flatMap((result) => (result.ok ? [] : result.errors)),
      ctx,
    );
  }
  const where = { host: host.value, port: port.value, workers: workers.value };
  return withLocalNode(options, ctx, (node) => serveFrom(node, where, options, ctx));
}

interface Where {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
}

async function serveFrom(
  node: LocalNode,
  { host, port, workers }: Where,
  options: ServeOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  const { version, workerModule } = ctx;
  const log = stderrLog(ctx);
  const interrupt = onInterrupt();
  const runner = makeScanRunner({ node, clock: systemClock, log, workers, workerModule });
  const server = await startServer(
    {
      node,
      runner,
      planning: localPlanDeps(workers),
      quota: { probesPerDay: null, scansAtOnce: null },
      log,
      version,
      pageRoot: join(dirname(workerModule), 'web'),
      onLinkUsed: (link) => void ctx.stderr.write(`The page was opened. For another browser: ${link}\n`),
      directory: storeDirectory(options, ctx),
    },
    host,
    port,
  );
  try {
    await ctx.stdout.write(`${server.url}\n`);
    const resumed = await runner.resume();
    await ctx.stderr.write(announcement(server, resumed));
    if (!interrupt.signal.aborted) await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
  } finally {
    await server.close();
    await runner.stop();
    interrupt.forget();
  }
  return EXIT.done;
}

const announcement = ({ url, tokenFile, pageLink }: RunningServer, resumed: number): string =>
  [
    ...(resumed > 0 ? [`Going on with ${resumed === 1 ? 'a scan' : `${resumed} scans`} that was not finished.`] : []),
    `The page, good for one browser: ${pageLink()}`,
    'Listening for programs of this user alone. Try:',
    `  portfleet list --endpoint ${url}`,
    `  curl -H "Authorization: Bearer $(cat '${tokenFile}')" ${url}/scans`,
    'Ctrl-C ends the server. Scans that are not over go on when it is started again.',
    '',
  ].join('\n');

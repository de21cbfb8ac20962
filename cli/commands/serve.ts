import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { LocalNode } from '../../local/local-node.ts';
import { localPlanDeps } from '../../local/plan-deps.ts';
import { openGate, type RunningServer } from '../../local/serve/gate.ts';
import { readHost } from '../../local/serve/guard.ts';
import { makeScanRunner } from '../../local/serve/scan-runner.ts';
import { startServer } from '../../local/serve/server.ts';
import { startWatchLoop } from '../../local/watches/watch-loop.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { type CliContext, EXIT, type ExitCode, stderrLog } from '../context.ts';
import { parseWorkers, storeDirectory, withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { onInterrupt } from '../signals.ts';
import { watchLoopDeps } from './watch-run.ts';

type ServeOptions = CommandOptions<'serve'>;

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = '7377';

const HIGHEST_PORT = 65_535;

function readPort(text: string): Result<number> {
  const port = wholeNumber(text.trim(), 0, HIGHEST_PORT);
  if (port !== undefined) return ok(port);
  return err(unreadableOption('--port', text, `a port from 1 to ${HIGHEST_PORT}, or 0 for one that is free`));
}

/** `portfleet serve`: the page and the HTTP API on loopback, over this user's scans or a fleet's, until it is interrupted. */
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
  if (options.endpoint !== undefined && options.endpoint !== 'local') {
    return serveFleet(options.endpoint, where, options, ctx);
  }
  return withLocalNode(options, ctx, (node) => serveFrom(node, where, options, ctx));
}

interface Where {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
}

async function serveFrom(node: LocalNode, where: Where, options: ServeOptions, ctx: CliContext): Promise<ExitCode> {
  const { workers } = where;
  const runner = makeScanRunner({
    node,
    clock: systemClock,
    log: stderrLog(ctx),
    workers,
    workerModule: ctx.workerModule,
  });
  const planning = localPlanDeps(workers);
  const quota = { probesPerDay: null, scansAtOnce: null };
  const deps = { ...gateDeps(options, ctx), node, runner, planning, quota };
  const server = await startServer(deps, where.host, where.port);
  const loop = startWatchLoop(watchLoopDeps(node, workers, runner, ctx));
  try {
    return await untilInterrupted(server, options, ctx, async () => {
      const resumed = await runner.resume();
      return resumed > 0
        ? [`Going on with ${resumed === 1 ? 'a scan' : `${resumed} scans`} that was not finished.`]
        : [];
    });
  } finally {
    await loop.stop();
    await runner.stop();
  }
}

/** The same page over a fleet: this server signs what the page asks, so the fleet needs no second way in. */
async function serveFleet(url: string, where: Where, options: ServeOptions, ctx: CliContext): Promise<ExitCode> {
  const { readEndpoint } = await import('../remote/endpoint-url.ts');
  const { authorisation } = await import('../remote/remote-deployment.ts');
  const { makeFleetProxy } = await import('../remote/fleet-proxy.ts');
  const endpoint = readEndpoint(url);
  const fetch = makeFleetProxy(endpoint, authorisation(endpoint, options, ctx));
  const deps = { ...gateDeps(options, ctx), clock: systemClock };
  const server = await openGate(deps, { fetch, endpoint: endpoint.url, events: null }, where.host, where.port);
  return untilInterrupted(server, options, ctx, async () => [`Over the fleet at ${endpoint.url}.`]);
}

const gateDeps = (options: ServeOptions, ctx: CliContext) => ({
  log: stderrLog(ctx),
  version: ctx.version,
  pageRoot: join(dirname(ctx.workerModule), 'web'),
  onLinkUsed: (link: string) => void ctx.stderr.write(`The page was opened. For another browser: ${link}\n`),
  directory: storeDirectory(options, ctx),
});

/** Tells where the server is, and stays until it is interrupted. `begin` starts what it has to do, and tells of it. */
async function untilInterrupted(
  server: RunningServer,
  options: ServeOptions,
  ctx: CliContext,
  begin: () => Promise<readonly string[]>,
): Promise<ExitCode> {
  const interrupt = onInterrupt();
  try {
    await ctx.stdout.write(`${server.url}\n`);
    const lines = await begin();
    await ctx.stderr.write([...lines, announcement(server)].join('\n'));
    if (options.browser) openBrowser(server.pageLink(), ctx);
    if (!interrupt.signal.aborted) await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
  } finally {
    await server.close();
    interrupt.forget();
  }
  return EXIT.done;
}

/** What each system opens an address with. A machine without one says nothing worse than the printed link. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...words: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

function openBrowser(link: string, ctx: CliContext): void {
  const [command, ...words] = OPENERS[ctx.platform] ?? ['xdg-open'];
  const child = spawn(command, [...words, link], { stdio: 'ignore', detached: true });
  child.on(
    'error',
    () => void ctx.stderr.write(`No browser could be started with ${command}; open the address above.\n`),
  );
  child.unref();
}

const announcement = ({ url, tokenFile, pageLink }: RunningServer): string =>
  [
    `The page, good for one browser: ${pageLink()}`,
    'Listening for programs of this user alone. Try:',
    `  portfleet list --endpoint ${url}`,
    `  curl -H "Authorization: Bearer $(cat '${tokenFile}')" ${url}/scans`,
    'Ctrl-C ends the server. Scans that are not over go on when it is started again.',
    '',
  ].join('\n');

import { dirname, join } from 'node:path';
import { dataDir } from '../../local/data-dir.ts';
import type { LocalNode } from '../../local/local-node.ts';
import type { RunningServer } from '../../local/serve/gate.ts';
import { readHost } from '../../local/serve/guard.ts';
import { makeScanRunner } from '../../local/serve/scan-runner.ts';
import { startServer } from '../../local/serve/server.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { parseWorkers } from '../local-fleet.ts';
import { localPlanDeps } from '../plan-deps.ts';
import type { KeptOptions } from '../scan-options.ts';
import { stderrLog } from '../stderr-log.ts';
import { refuse } from '../with-deployment.ts';
import { withLocalNode } from '../with-local-node.ts';

export interface ServeOptions extends KeptOptions {
  readonly host: string;
  readonly port: string;
  readonly workers?: string;
}

const HIGHEST_PORT = 65_535;

function readPort(text: string): Result<number> {
  const port = wholeNumber(text.trim(), 0, HIGHEST_PORT);
  if (port !== undefined) return ok(port);
  return err(unreadableOption('--port', text, `a port from 1 to ${HIGHEST_PORT}, or 0 for one that is free`));
}

/** `portfleet serve`: the HTTP API on loopback, over the scans of this user, until it is interrupted. */
export async function serve(options: ServeOptions, ctx: CliContext): Promise<ExitCode> {
  const [host, port, workers] = [readHost(options.host), readPort(options.port), parseWorkers(options.workers)];
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
  const { env, platform, home, version, workerModule } = ctx;
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
      directory: dataDir({ flag: options.dataDir, env, platform, home }),
    },
    host,
    port,
  );
  try {
    ctx.stdout.write(`${server.url}\n`);
    const resumed = await runner.resume();
    ctx.stderr.write(announcement(server, resumed));
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

import { errorValue } from '../../shared/domain/errors.ts';
import { quoted } from '../../shared/domain/excerpt.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { readHistory } from '../../shared/usecases/view-watch.ts';
import { historyJson, historySvg, historyText, type PortHistory } from '../../shared/watch/port-history.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { timeFormatOf } from '../output/report-output.ts';
import { endpointOf } from '../with-deployment.ts';

const FORMATS = ['text', 'json', 'svg'] as const;

/** `portfleet history <host> [port]`: when its ports opened and closed. */
export async function history(
  host: string,
  portText: string | undefined,
  options: CommandOptions<'history'>,
  ctx: CliContext,
): Promise<ExitCode> {
  const port = portText === undefined ? null : wholeNumber(portText, 0, 65_535);
  const format = FORMATS.find((name) => name === (options.historyFormat ?? 'text'));
  if (port === undefined) return refuse([unreadableOption('port', portText ?? '', 'a port from 0 to 65535')], ctx);
  if (format === undefined) {
    return refuse([unreadableOption('--format', options.historyFormat ?? '', `one of ${FORMATS.join(', ')}`)], ctx);
  }
  const endpoint = endpointOf(options, ctx);
  if (endpoint !== undefined) {
    const { clientOf } = await import('../remote/remote-deployment.ts');
    const { remoteHistory } = await import('../remote/remote-watches.ts');
    return show(host, await remoteHistory(clientOf(endpoint, options, ctx), host, port), format, options, ctx);
  }
  return withLocalNode(options, ctx, async ({ watches }) =>
    show(host, await readHistory(host, port, watches), format, options, ctx),
  );
}

async function show(
  host: string,
  histories: readonly PortHistory[],
  format: (typeof FORMATS)[number],
  options: CommandOptions<'history'>,
  ctx: CliContext,
): Promise<ExitCode> {
  if (histories.length === 0) {
    const hint = 'Name the host as the watch does: by its name, or by its address where it has none.';
    return refuse([errorValue('WATCH_NOT_FOUND', `No watch has seen an open port of ${quoted(host)}.`, { hint })], ctx);
  }
  const timeFormat = timeFormatOf(options);
  const text = {
    text: () => historyText(histories, timeFormat),
    json: () => `${JSON.stringify(historyJson(histories), null, 2)}\n`,
    svg: () => historySvg(histories, systemClock.wall(), timeFormat),
  };
  await ctx.stdout.write(text[format]());
  return EXIT.done;
}

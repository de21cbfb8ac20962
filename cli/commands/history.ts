import { errorValue } from '../../shared/domain/errors.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { unreadableOption, wholeNumber } from '../../shared/request/parse-timing.ts';
import { readHistory } from '../../shared/usecases/view-watch.ts';
import { historyJson, historySvg, historyText } from '../../shared/watch/port-history.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { timeFormatOf } from '../output/report-output.ts';

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
  return withLocalNode(options, ctx, async ({ watches }) => {
    const histories = await readHistory(host, port, watches);
    if (histories.length === 0) {
      const hint = 'Name the host as the watch does: by its name, or by its address where it has none.';
      return refuse([errorValue('WATCH_NOT_FOUND', `No watch has seen an open port of "${host}".`, { hint })], ctx);
    }
    const timeFormat = timeFormatOf(options);
    const text = {
      text: () => historyText(histories, timeFormat),
      json: () => `${JSON.stringify(historyJson(histories), null, 2)}\n`,
      svg: () => historySvg(histories, systemClock.wall(), timeFormat),
    };
    await ctx.stdout.write(text[format]());
    return EXIT.done;
  });
}

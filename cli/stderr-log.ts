import type { Log, LogFields } from '../shared/seams/log.ts';
import type { CliContext } from './context.ts';

const SILENT: Log = { info: () => {}, warn: () => {} };

/** With PORTFLEET_LOG set, one JSON object a line on standard error; otherwise nothing. */
export function stderrLog({ env, stderr }: CliContext): Log {
  if (!env['PORTFLEET_LOG']) return SILENT;
  const line = (level: string) => (event: string, fields?: LogFields) =>
    void stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`);
  return { info: line('info'), warn: line('warn') };
}

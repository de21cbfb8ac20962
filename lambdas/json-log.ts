import type { Log, LogFields } from '../shared/seams/log.ts';

/** A line of JSON for each event, as CloudWatch Logs Insights reads it. */
export function makeJsonLog(write: (line: string) => void): Log {
  const line = (level: string) => (event: string, fields?: LogFields) =>
    write(`${JSON.stringify({ level, event, ...fields })}\n`);
  return { info: line('info'), warn: line('warn') };
}

export const writeToStdout = (line: string): void => void process.stdout.write(line);

/** What went wrong, in fields of a log line: the name that AWS and Node give it, and its words. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error ? { error: error.name, detail: error.message } : { error: 'unknown', detail: String(error) };

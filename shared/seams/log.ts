/** What a log line may hold: ids, counts, codes. Never a banner, a secret or a list of targets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
}

/** For those who print nothing. */
export const SILENT: Log = { info: () => {}, warn: () => {} };

import type { Log, LogFields } from '../shared/seams/log.ts';

/** The invocation that a process is in; it has one at a time. */
export interface Invocation {
  /** Wraps the handler that Lambda calls, so that lines are known to be of its invocations. */
  within<Input extends readonly unknown[], Output>(
    handler: (...input: [...Input]) => Output,
  ): (...input: [...Input]) => Output;
  fields(): LogFields;
}

/** What every handler of Lambda's is given last. */
interface RequestContext {
  readonly awsRequestId: string;
}

const isContext = (value: unknown): value is RequestContext =>
  typeof value === 'object' && value !== null && typeof (value as Partial<RequestContext>).awsRequestId === 'string';

export function makeInvocation(): Invocation {
  let [count, id]: [number, string | null] = [0, null];
  return {
    within:
      (handler) =>
      (...input) => {
        count += 1;
        const context = input.at(-1);
        id = isContext(context) ? context.awsRequestId : null;
        return handler(...input);
      },
    fields: () => ({ function_request_id: id, cold_start: count <= 1 }),
  };
}

/**
 * A line of JSON for each event, as CloudWatch Logs Insights reads it, under the names that AWS's own Powertools give:
 * one query then finds the lines of a request or of a scan in all functions, and beside the owner's own.
 */
export function makeJsonLog(write: (line: string) => void, wall: () => number, invocation: Invocation): Log {
  const line =
    (level: 'INFO' | 'WARN') =>
    (message: string, { scan, ...fields }: LogFields = {}) => {
      const timestamp = new Date(wall()).toISOString();
      const about = scan === undefined ? fields : { scan_id: scan, ...fields };
      write(`${JSON.stringify({ level, message, timestamp, service: SERVICE, ...invocation.fields(), ...about })}\n`);
    };
  return { info: line('INFO'), warn: line('WARN') };
}

const SERVICE = 'portfleet';

export const writeToStdout = (line: string): void => void process.stdout.write(line);

/** What went wrong, in fields of a log line: the name that AWS and Node give it, and its words. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error ? { error: error.name, detail: error.message } : { error: 'unknown', detail: String(error) };

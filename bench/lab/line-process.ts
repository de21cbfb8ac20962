import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An answer is a matter of microseconds; this only keeps a broken helper from hanging a test. */
const ANSWER_LIMIT_MS = 10_000;

/** A helper program that answers each line with one line, and that ends when its input does, so also when we die. */
export interface LineProcess {
  readonly pid: number;
  /** One question at a time; a second one waits for the first. */
  ask(line: string): Promise<string>;
  /** Closes its input and waits until it is gone. Safe to call twice. */
  end(): Promise<void>;
}

export function startLineProcess(command: string, args: readonly string[]): LineProcess & { line(): Promise<string> } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  gone.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  const line = async (): Promise<string> => {
    const next = await within(lines.next(), `${command} gave no answer`);
    if (next.done) throw new Error(`${command} ended`);
    return next.value;
  };
  return {
    pid: child.pid ?? 0,
    line,
    ask(question) {
      const answer = last.then(() => {
        child.stdin.write(`${question}\n`);
        return line();
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    async end() {
      child.stdin.end();
      await within(gone, `${command} did not end`).catch(() => child.kill('SIGKILL'));
    },
  };
}

async function within<Value>(value: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS);
  });
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}

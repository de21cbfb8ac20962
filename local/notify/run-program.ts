import { spawn } from 'node:child_process';
import { printable } from '../../shared/report/formats/printable.ts';
import type { ReceiverAnswer } from '../../shared/watch/backoff.ts';

/** Longer than this no program is waited for; what it has begun by then it may finish, but the message is tried again. */
const LONGEST_RUN = 30_000;

/** Of what the program complains so much is shown. */
const MOST_OF_ERROR = 200;

/** Runs the program with the text on its standard input: itself, with no shell and no arguments. Exit 0 is a yes. */
export function runProgramWith(path: string, input: string): Promise<ReceiverAnswer> {
  return new Promise((resolve) => {
    const again = (why: string) => resolve({ kind: 'again', answer: printable(why) });
    const child = spawn(path, [], {
      shell: false,
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: LONGEST_RUN,
      killSignal: 'SIGKILL',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(0, MOST_OF_ERROR);
    });
    child.on('error', (error) => again(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ kind: 'taken', answer: 'exit 0' });
      else again(`${signal === null ? `exit ${code}` : `ended by ${signal}`} ${complaint}`.trim());
    });
    // A program that does not read what it is told is still asked for its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

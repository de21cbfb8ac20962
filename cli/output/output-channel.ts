import { printable } from '../../shared/report/formats/printable.ts';

/** Where text goes: standard output or standard error. All that the command prints passes through here. */
export interface OutputChannel {
  /**
   * Prints text in which no stranger's control character is left, and waits while the reader is slower than we are.
   * After the reader has left, nothing happens: that ends the printing, and nothing else.
   */
  write(text: string): Promise<void>;
  /** Moves the cursor and paints: nothing of it comes from outside. Only where `isTerminal`. */
  draw(escapes: string): void;
  /** A terminal that understands escape sequences. */
  readonly isTerminal: boolean;
  readonly colours: boolean;
  /** Columns of the terminal, or 80. */
  readonly width: () => number;
  /** Why what was printed did not arrive; undefined while it does, and where its reader merely left. */
  readonly failure: () => Error | undefined;
}

interface Stream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  once(event: 'drain' | 'error' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'error' | 'close', listener: () => void): unknown;
}

/** The reader of a pipe left (EPIPE), or the terminal was closed (EIO). */
const READER_LEFT = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

const DEFAULT_WIDTH = 80;

export function outputChannel(stream: Stream, env: Readonly<Record<string, string | undefined>>): OutputChannel {
  let ended: 'reader-left' | Error | undefined;
  stream.on('error', (error) => {
    ended ??= READER_LEFT.has(error.code ?? '') && (error.code !== 'EIO' || stream.isTTY) ? 'reader-left' : error;
  });
  const isTerminal = stream.isTTY === true && env['TERM'] !== 'dumb';
  return {
    isTerminal,
    colours: isTerminal && !env['NO_COLOR'],
    width: () => stream.columns || DEFAULT_WIDTH,
    failure: () => (ended === 'reader-left' ? undefined : ended),
    async write(text) {
      if (ended || stream.write(withoutControls(text)) || ended) return;
      await new Promise<void>((resolve) => {
        const events = ['drain', 'error', 'close'] as const;
        const done = (): void => {
          for (const event of events) stream.off(event, done);
          resolve();
        };
        for (const event of events) stream.once(event, done);
      });
    },
    draw(escapes) {
      if (isTerminal && !ended) stream.write(escapes);
    },
  };
}

/** Line ends, tabs and all that `printable` leaves. A return that is alone would overwrite its line. */
const withoutControls = (text: string): string =>
  text.replace(/\r?\n|\t|\r|[^\t\r\n]+/g, (piece) => (/^(?:\r?\n|\t)$/.test(piece) ? piece : printable(piece)));

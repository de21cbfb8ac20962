import { readdirSync, readFileSync } from 'node:fs';
import { errorValue, PortfleetError } from '../shared/domain/errors.ts';

/** A second handle on the log, a rollback journal, a temporary file, the directory to sync. */
const SQLITE_WRITES = 4;

/**
 * Descriptors that a worker may come to need beside those it has open when it asks, itemised: SQLite,
 * reading this very limit 1, the resolver 3 (hosts file, nsswitch, one datagram), and 8 for what Node opens without telling
 * (an inspector, a report, a crash).
 */
const RESERVE = SQLITE_WRITES + 1 + 3 + 8;

/**
 * What holds a sweep of silent hosts is sockets × timeout: the usual ports of a /24 with one host in eight alive take two
 * workers 3.5 s of virtual time at T4 with 4,096 sockets each, 2.5 s with these, 2.1 s with 8,192; and the probes take two
 * cores 2.1 s, so that more would stand by. At T5 a process opens no more within a timeout (20 to 40 µs each) anyway.
 */
export const MOST_SOCKETS = 6_144;

/** POSIX's own minimum, for systems that tell nothing. */
const LEAST_LIMIT = 256;

/** The soft RLIMIT_NOFILE as the kernel reports it; Node has raised it to the hard limit by now. */
function limitFromProc(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (line !== undefined) return line === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EMFILE') throw error;
  }
  return undefined;
}

/** Where there is no /proc, Node's own report is slower (some 20 ms) but knows every platform. */
const openFilesLimit = (): number => limitFromProc() ?? limitFromReport();

function limitFromReport(): number {
  const report = process.report?.getReport() as { userLimits?: { open_files?: { soft?: unknown } } } | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY;
  return Number(soft) || LEAST_LIMIT;
}

/** Descriptors open now; where nothing tells, what a bare Node process was seen to hold, and the database. */
function openFilesNow(): number {
  for (const directory of ['/proc/self/fd', '/dev/fd']) {
    try {
      // Less the one that lists them.
      return readdirSync(directory).length - 1;
    } catch {
      // The next one, then.
    }
  }
  return BARE_PROCESS;
}

/** 20 descriptors of a bare Node 20 process on Linux, and 3 of SQLite. */
const BARE_PROCESS = 23;

/** What libsql takes: 7 with a file that is open, those of its own runtime among them. */
const SQLITE = 7 + SQLITE_WRITES;

/**
 * To be called before a file is opened: with fewer descriptors, libsql's runtime panics in lines of its own, or the file
 * is what cannot be opened. Where the system does not tell how many there are, nothing is refused.
 *
 * @throws PortfleetError TOO_FEW_DESCRIPTORS
 */
export function leaveRoomForSqlite(): void {
  const [limit, held] = [limitFromProc(), openFilesNow()];
  if (limit === undefined || limit - held >= SQLITE) return;
  const detail = `This process may open ${limit} files and holds ${held}: its store takes ${SQLITE} more.`;
  throw new PortfleetError([errorValue('TOO_FEW_DESCRIPTORS', detail)]);
}

/**
 * Sockets this process may open: what it is allowed, less what it holds and the reserve. Never more than `wanted`.
 *
 * @throws PortfleetError TOO_FEW_DESCRIPTORS
 */
export function socketsOfThisProcess(wanted: number | null): number {
  const [limit, held] = [openFilesLimit(), openFilesNow()];
  const sockets = Math.min(wanted ?? MOST_SOCKETS, limit - held - RESERVE);
  if (sockets >= 1) return sockets;
  throw new PortfleetError([
    errorValue(
      'TOO_FEW_DESCRIPTORS',
      `This process may open ${limit} files, holds ${held} and keeps ${RESERVE} in reserve: none is left for sockets.`,
    ),
  ]);
}

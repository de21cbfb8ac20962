/** What a script may rely on. 130 is 128 + SIGINT, as shells count. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** A port is open that was not expected, or two scans differ. */
  different: 3,
  gaps: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

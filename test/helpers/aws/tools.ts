import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const succeeds = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** CI has the emulator in the system's Python; whoever has it elsewhere names the interpreter. */
const CANDIDATES = [
  process.env['PORTFLEET_PYTHON'],
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'portfleet/aws-tools/bin/python'),
  'python3',
];

let python: string | null | undefined;

/** A Python that has ministack, the AWS emulator; null where there is none. */
export function ministackPython(): string | null {
  python ??=
    CANDIDATES.find(
      (each) =>
        each !== undefined &&
        (each === 'python3' || existsSync(each)) &&
        succeeds(each, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("ministack") is None)']),
    ) ?? null;
  return python;
}

/** The one line that says what these tests lack on this machine; undefined when they can run. */
export function awsToolsMissing(needed: { readonly java: boolean; readonly python: boolean }): string | undefined {
  const missing = [
    ...(needed.java && !succeeds('java', ['-version']) ? ['a Java runtime (for DynamoDB Local)'] : []),
    ...(needed.python && ministackPython() === null ? ['the Python package ministack (an AWS emulator)'] : []),
  ];
  return missing.length === 0
    ? undefined
    : `needs ${missing.join(' and ')}: see .ci/debian-packages and .ci/python-packages`;
}

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from './context.ts';

/*
 * How many workers a command line is certain to need, seen before anything is loaded that could read it: a worker takes
 * as long to boot as the command to load the rest of itself, so the one is done during the other (60 ms of a scan's
 * first 200 on two cores). Whatever could make the line a dry run, a mistake, another command or a scan elsewhere gives
 * 0; the workers are then started where the plan is known.
 */

/** What is known of the process before anything is read. */
type AtFirst = Pick<CliContext, 'words' | 'env' | 'home' | 'directory'>;

/** Options without a value that change neither whether there is a scan of this machine, nor its size. */
const HARMLESS: ReadonlySet<string> = new Set(['-n', '-Pn', '-sT', '-sV', '-v', '--open', '--quiet', '--utc']);

/** An address in full, as no policy forbids it; the numbers behind the first are checked by `isOctet`. */
const ADDRESS = /^(?:[1-9]|[1-9]\d|1\d\d|2[01]\d|22[0-3])\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Variables that set nothing of a scan. */
const NO_SETTING: ReadonlySet<string> = new Set(['PORTFLEET_DATA_DIR', 'PORTFLEET_LOG']);

export function workersNeeded(atFirst: AtFirst, cores: number = availableParallelism()): number {
  const { isPlain, isUnbounded } = look(atFirst.words);
  if (!isPlain || hasSettings(atFirst)) return 0;
  // How many more a smaller or a slower scan needs is for its plan to say.
  return isUnbounded ? cores : 1;
}

/** `isUnbounded`: every port of an address, as fast as it goes. That is work for any number of workers. */
function look(words: readonly string[]): { readonly isPlain: boolean; readonly isUnbounded?: boolean } {
  const targets: string[] = [];
  const timings: string[] = [];
  let ports: 'all' | 'some' | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (ADDRESS.exec(word)?.slice(1).every(isOctet)) targets.push(word);
    else if (/^-T[0-5]$/.test(word)) timings.push(word);
    else if (HARMLESS.has(word)) continue;
    else if (ports !== undefined) return { isPlain: false };
    else if (word === '-F') ports = 'some';
    else if (word.startsWith('-p')) {
      ports = readPorts(word === '-p' ? (words[++at] ?? '') : word.slice(2));
      if (ports === undefined) return { isPlain: false };
    } else return { isPlain: false };
  }
  const isPlain = targets.length > 0 && timings.length <= 1;
  const isFast = timings.includes('-T5') || targets.every((target) => target.startsWith('127.'));
  return { isPlain, isUnbounded: ports !== 'some' && isFast };
}

const isOctet = (digits: string): boolean => Number(digits) <= 255 && String(Number(digits)) === digits;

/** "-", or "22,80,8000-9000"; undefined for anything that may be a mistake. */
function readPorts(text: string): 'all' | 'some' | undefined {
  if (text === '-' || text === '1-65535') return 'all';
  const isRead = text.split(',').every((part) => {
    const [, first = '', last = first] = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(part) ?? [];
    return first !== '' && Number(last) <= 65_535 && Number(first) <= Number(last);
  });
  return isRead ? 'some' : undefined;
}

/** Something set by the environment or a file may make another scan of the words. */
function hasSettings({ env, home, directory }: AtFirst): boolean {
  const isSet = Object.keys(env).some((name) => name.startsWith('PORTFLEET_') && !NO_SETTING.has(name));
  const files = [
    join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'portfleet', 'config.yaml'),
    join(env['APPDATA'] ?? home, 'portfleet', 'config.yaml'),
    join(home, '.config', 'portfleet', 'config.yaml'),
    join(directory, 'portfleet.yaml'),
  ];
  return isSet || files.some((file) => existsSync(file));
}

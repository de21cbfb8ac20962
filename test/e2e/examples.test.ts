import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { programHelp } from '../../cli/commands/help.ts';
import { readCommandLine } from '../../cli/options/read-words.ts';
import { outputChannel } from '../../cli/output/output-channel.ts';
import { runProgram } from '../../cli/program.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/*
 * Every example of the README and of docs/, as it stands: those of a block are run, one after the other, in one directory
 * with the files that they name; those in a sentence are read. Addresses and names become loopback. What would take
 * minutes, every port of every address, probes a few; what is for a fleet is run here; what would wait for a browser, a clock or
 * an interrupted scan is read.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKER = join(ROOT, 'dist/worker.cjs');

interface Example {
  readonly page: string;
  readonly line: string;
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...docs.map((name) => `docs/${name}`)].map((page) => ({
  page,
  text: readFileSync(join(ROOT, page), 'utf8'),
}));

/** Where a command begins: behind variables, a prompt, "npx", "- run:", "ExecStart=", or a pipe. */
const COMMAND =
  /^\s*(?:\$ |- (?:run: )?|ExecStart=\/usr\/bin\/env |npm ci && )?((?:[A-Z_]+=\S+ )*(?:cat \S+ \| )?(?:npx )?portfleet(?: .*)?)$/;

/** A line of a block without the comment behind it. */
const commandOf = (line: string): string | undefined => COMMAND.exec(line)?.[1]?.replace(/\s+# .*$/, '');

const inBlocks: readonly Example[] = pages.flatMap(({ page, text }) =>
  [...text.matchAll(/^[ ]*```\w*\n([\s\S]*?)^[ ]*```/gm)]
    .flatMap(([, block = '']) => block.replace(/\\\n\s*/g, ' ').split('\n'))
    .flatMap((each) => commandOf(each)?.split('; ') ?? [])
    .map((line) => ({ page, line })),
);

const inHelp: readonly Example[] = [...programHelp(100).matchAll(/^ {2}(portfleet .*?) {2,}/gm)].map(
  ([, line = '']) => ({
    page: 'portfleet help',
    line,
  }),
);

const inSentences: readonly Example[] = pages.flatMap(({ page, text }) =>
  [...text.replace(/^[ ]*```[\s\S]*?^[ ]*```/gm, '').matchAll(/`((?:npx )?portfleet [^`]+)`/g)].map(
    ([, line = '']) => ({
      page,
      line,
    }),
  ),
);

/** The words of one command, as a shell would make them, without what it keeps for itself. */
function wordsOf(line: string): string[] {
  const own = line.replace(/^.*?portfleet ?/, '').replace(/ (?:\||>>?) .*$/, '');
  return [...own.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''));
}

/** Loopback in place of what the pages name, and a scan that is there in place of an id. */
const here = (word: string): string =>
  word
    .replace(/^(?:10\.0\.0\.0\/24|203\.0\.113\.0\/24|198\.51\.100\.0\/24)$/, '127.0.0.4/30')
    .replace(/^10\.0\.0\.0\/16$/, '127.0.0.0/16')
    .replace(/^(?:10\.0\.0|192\.0\.2)\.(\d+(?:-\d+)?)$/, '127.0.0.$1')
    .replace(/^(?:(?:db|web)\.internal|(?:www|web|staging)\.example\.(?:com|org))$/, 'localhost')
    .replace(/^(?:ID|SCAN_ID)$/, '@1');

describe('The examples of the README and of docs/', () => {
  it('are found', () => {
    expect(inBlocks.length).toBeGreaterThan(45);
    expect(inHelp.length).toBe(5);
    expect(inSentences.length).toBeGreaterThan(20);
  });

  it.each([...inBlocks, ...inHelp, ...inSentences].map(({ page, line }) => [page, line]))(
    '%s: %s can be read',
    (_, line) => {
      const words = wordsOf(line);
      const needsMore = /portfleet (?:resume|import|cancel|watch)$/.test(line);
      const read = readCommandLine(needsMore ? [...words, 'x'] : words);
      expect(read.ok ? [] : read.errors).toEqual([]);
    },
  );

  it('run as they stand', async () => {
    const directory = tempDir();
    const home = join(directory, 'home');
    mkdirSync(join(home, '.config/portfleet'), { recursive: true });
    const yaml = pages.flatMap(({ text }) =>
      [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, each = '']) => each),
    );
    const block = (name: string): string => yaml.find((each) => each.includes(name)) ?? '';
    writeFileSync(join(home, '.config/portfleet/config.yaml'), block('.config/portfleet/config.yaml'));
    writeFileSync(join(directory, 'expected-ports.yaml'), block('# expected-ports.yaml'));
    writeFileSync(join(directory, 'hosts.txt'), '127.0.0.1\n127.0.0.7\n');
    writeFileSync(join(directory, 'targets.txt'), '127.0.0.1\n');
    const failed: string[] = [];
    const before = process.cwd();
    process.chdir(directory);
    try {
      for (const { page, line } of [...PREPARED, ...inBlocks, ...inHelp]) {
        const { code, stderr } = await run(line, directory, home);
        const isFine =
          code === null ||
          code === 0 ||
          (code === 3 && /--expect|diff/.test(line)) ||
          (code === 4 && line.includes('diff'));
        if (!isFine) failed.push(`${page}: ${line}\n  exit ${code}: ${stderr}`);
      }
    } finally {
      process.chdir(before);
    }
    expect(failed).toEqual([]);
  });
});

/** What the pages take for granted: scans of before. */
const PREPARED: readonly Example[] = [
  'portfleet scan 10.0.0.1 -p 1-9 -oX old-scan.xml',
  'portfleet scan web.internal -p 1-9 --name nightly',
  'portfleet scan 10.0.0.0/24 -p 1-9',
].map((line) => ({ page: 'prepared', line }));

/** Waits for a browser, a clock, a fleet, a scan that was interrupted, or needs a neighbour: only read. */
const READ_ONLY = /^(?:serve|resume|watch run|cancel)|--no-wait|fe80::/;

const NAMES_PORTS = / (?:-p|--ports|--top-ports|-sn|--profile)/;

const LOOPBACK = /^127\.[\d./-]+$/;

async function run(line: string, directory: string, home: string) {
  const words = wordsOf(line.replace(/ --endpoint \S+/, '')).map(here);
  if (READ_ONLY.test(words.join(' '))) return { code: null, stderr: '' };
  const read = readCommandLine(words);
  const targets = read.ok && ['scan', 'watch'].includes(read.value.command) ? read.value.words : [];
  const away = targets
    .filter((word) => word.includes('.') || word.includes(':'))
    .filter((word) => !LOOPBACK.test(word));
  // Nothing but loopback is ever probed: a new example says here what stands for its addresses.
  if (away.length > 0) return { code: 1, stderr: `${away} is not loopback: add it to "here".` };
  const few = read.ok && read.value.command === 'scan' && !NAMES_PORTS.test(line) ? ['-p', '1-9'] : [];
  const [, file] = /^cat (\S+)/.exec(line) ?? [];
  const [, redirected] = / > (\S+)$/.exec(line) ?? [];
  const env = Object.fromEntries(
    [...line.matchAll(/\b(PORTFLEET_\w+)=(\S+) /g)].map(([, name = '', value]) => [name, value]),
  );
  let [stdout, stderr] = ['', ''];
  const code = await runProgram({
    stdin: () => Readable.from(file === undefined ? [] : [readFileSync(join(directory, file), 'utf8')]),
    stdout: channel((text) => {
      stdout += text;
    }),
    stderr: channel((text) => {
      stderr += text;
    }),
    env: { PORTFLEET_DATA_DIR: join(directory, 'data'), ...env },
    platform: process.platform,
    home,
    words: [...(file === undefined ? words : ['-', ...words]), ...few],
    settingWords: [],
    origins: new Map(),
    directory,
    workerModule: WORKER,
    version: '0.1.0',
  });
  if (redirected !== undefined) writeFileSync(join(directory, redirected), stdout);
  return { code, stderr };
}

function channel(print: (text: string) => void) {
  const write = (text: string): boolean => {
    print(text);
    return true;
  };
  return outputChannel({ write, on: () => {}, once: () => {}, off: () => {} }, {});
}

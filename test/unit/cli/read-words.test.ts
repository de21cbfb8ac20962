import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandName, commandSpec } from '../../../cli/options/command-table.ts';
import { OPTIONS, type OptionName, optionSpec } from '../../../cli/options/option-table.ts';
import { OTHER_OPTIONS, type OtherOption } from '../../../cli/options/other-tools.ts';
import { type CommandLine, readCommandLine } from '../../../cli/options/read-words.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { errorsOf, valid } from '../../helpers/valid.ts';

const read = (line: string): CommandLine => valid(readCommandLine(line.split(' ').filter(Boolean)));
const refusals = (line: string) => errorsOf(readCommandLine(line.split(' ')));

describe('A command line', () => {
  it('is a scan where no command is named, with options before, between and after the targets', () => {
    const line = read('-T4 10.0.0.1 -p 22 10.0.0.2 --open');
    expect([line.command, line.words]).toEqual(['scan', ['10.0.0.1', '10.0.0.2']]);
    expect(line.options).toEqual({ timing: '4', ports: ['22'], open: true });
  });

  it('adds up what takes a list, and refuses a single value that is given twice', () => {
    expect(read('h --exclude a --exclude b -p22 -p 80 -iL x -iL y').options).toEqual({
      exclude: ['a', 'b'],
      ports: ['22', '80'],
      inputList: ['x', 'y'],
    });
    expect(refusals('h -T4 -T5 --rate 1 --max-rate 2').map(({ code }) => code)).toEqual([
      'OPTION_REPEATED',
      'OPTION_REPEATED',
    ]);
  });

  it('takes values that are glued, behind "=", or begin with a dash', () => {
    expect(read('h -p22,80 --rate=5 -vv').options).toEqual({ ports: ['22,80'], rate: '5', verbose: 2 });
    expect(read('h -p -1024 --exclude-ports -').options).toEqual({ ports: ['-1024'], excludePorts: ['-'] });
    expect(read('h -p- -iLhosts.txt -oXout.xml').options).toEqual({
      ports: ['-'],
      inputList: ['hosts.txt'],
      outputXml: 'out.xml',
    });
  });

  it('reads long names behind one dash, as the programs of Go have them', () => {
    expect(read('-host a -top-ports full -exclude-ports 25 -p full -json').options).toEqual({
      topPorts: 'full',
      excludePorts: ['25'],
      ports: ['full'],
      format: 'jsonl',
    });
  });

  it('takes letters without values in one word, a level behind -v, and an underscore for a hyphen, as nmap does', () => {
    expect(read('h -nvv').options).toEqual({ reverseNames: 'none', verbose: 2 });
    expect(read('h -v3 --max_retries 2 --min_rate=5').options).toEqual({ verbose: 3, retries: '2', minRate: '5' });
    // One of them takes a value, or is none at all: the word is not taken apart.
    expect(refusals('h -nvp -nz').map(({ detail }) => detail)).toEqual([
      'There is no option -nvp.',
      'There is no option -nz.',
    ]);
    expect(refusals('h --max_retrys 2')[0]?.hint).toBe('Did you mean --max-retries?');
  });

  it('tells every error at once, each with a hint', () => {
    const errors = refusals('--prots 22 -S 10.0.0.1 -T4 -T5');
    expect(errors.map(({ code }) => code)).toEqual(['OPTION_UNKNOWN', 'OPTION_UNSUPPORTED', 'OPTION_REPEATED']);
    expect(errors[0]?.hint).toBe('Did you mean --ports?');
  });

  it('takes a word that is a letter off a command for a slip, and not for a host', () => {
    expect(refusals('lst')[0]?.hint).toContain('portfleet list');
    expect(read('lst.internal').words).toEqual(['lst.internal']);
    expect(read('scan lst').words).toEqual(['lst']);
  });

  it('asks a command for the words it needs, and gives help for it instead with -h', () => {
    expect(refusals('cancel')[0]?.detail).toContain('<scan>');
    expect(refusals('list x')[0]?.detail).toContain('"x"');
    expect(read('show -h')).toMatchObject({ command: 'help', words: ['show'] });
    expect(read('-V')).toMatchObject({ command: 'version' });
  });

  it('refuses an option of another command', () => {
    expect(refusals('list --ports 22')[0]?.detail).toBe('"list" has no option --ports.');
  });
});

describe('The table of options', () => {
  it('has each long name and each letter once in a command', () => {
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      const specs = commandSpec(name).options.map(optionSpec);
      const names = specs.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]);
      expect(new Set(names).size, name).toBe(names.length);
    }
  });

  it('is used up: every option is one of some command', () => {
    const used = new Set(Object.values(COMMANDS).flatMap(({ options }): readonly OptionName[] => options));
    expect(Object.keys(OPTIONS).filter((name) => !used.has(name as OptionName))).toEqual([]);
  });
});

const SAMPLES = ['4', '1-1000', '10.0.0.1', 'eth0'];

/** The option as it is typed, with a value by which no other tool's option of the same name is meant. */
function typedLine({ value, when }: OtherOption, spelling: string): string {
  if (value !== 'next') return spelling;
  const others = OTHER_OPTIONS.filter((other) => other.typed.includes(spelling) && other.when && other.when !== when);
  const sample = SAMPLES.find((each) => (when ?? /^/).test(each) && !others.some((other) => other.when?.test(each)));
  return `${spelling} ${sample}`;
}

describe('What the users of other scanners type', () => {
  const rows = OTHER_OPTIONS.flatMap((option) => option.typed.map((spelling) => ({ option, spelling })));

  it.each(rows.map(({ option, spelling }) => [typedLine(option, spelling), option] as const))(
    '%s is followed, or refused with a sentence that helps',
    (line, { becomes, says }) => {
      const result = readCommandLine(['scan', '10.0.0.9', ...line.split(' ')]);
      if (becomes) {
        const { command, notes } = valid(result);
        expect(command).toBe('scan');
        expect(notes.length).toBe(says ? 1 : 0);
      } else {
        expect(errorsOf(result)).toMatchObject([{ code: 'OPTION_UNSUPPORTED', hint: says }]);
      }
    },
  );

  it('stands in docs/command.md, row by row', () => {
    const lines = OTHER_OPTIONS.map(({ typed, tool, value, when, becomes, says }) => {
      const spelled = typed.map((each) => `\`${each}${value === 'next' ? ' …' : ''}\``).join(' ');
      const words = becomes?.map((word) => word.replace('{}', '…')).join(' ');
      const is = words === undefined ? 'refused' : words === '' ? 'nothing' : `\`${words}\``;
      const only = when ? ` Where the value looks like \`${when.source.replaceAll('|', '\\|')}\`.` : '';
      return `| ${tool} | ${spelled} | ${is} | ${says ?? ''}${only} |`;
    });
    const head = '| tool | typed | becomes | and says |\n|---|---|---|---|';
    expectInDocs('docs/command.md', 'other-tools', [head, ...lines].join('\n'));
  });
});

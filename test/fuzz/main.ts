import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CORPUS_FILE, type CorpusCase, corpus, type FuzzFailure, failuresOfCorpus, fuzz } from './run-cases.ts';

const USAGE = `npm run fuzz -- [options]

  --cases N      cases over all parsers and formats (1,000,000)
  --seconds N    end after so long; as many cases as there is time for
  --seed N       decides every case (a new one each time)
  --keep         put what fails into test/fuzz/corpus.json, which every run tries first
`;

const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else await run(Number(values.seed));

async function run(seed: number): Promise<void> {
  const endAt =
    values.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(values.seconds) * 1_000;
  const cases = Number(values.cases ?? (values.seconds === undefined ? 1_000_000 : Number.POSITIVE_INFINITY));
  process.stdout.write(`seed ${seed}, ${corpus().length} cases kept\n`);
  const known = await failuresOfCorpus();
  const { done, failures } = await fuzz(seed, { cases, isOver: () => performance.now() > endAt });
  const all = [...known, ...failures];
  for (const failure of all) tell(failure);
  process.stdout.write(`${done.toLocaleString('en')} cases, ${all.length} failures\n`);
  if (values.keep) keep(failures);
  if (all.length > 0) process.exitCode = 1;
}

function tell({ target, text, why }: FuzzFailure): void {
  process.stdout.write(
    `\n${target}: ${JSON.stringify(text.slice(0, 500))}\n${why.split('\n').slice(0, 6).join('\n')}\n`,
  );
}

function keep(failures: readonly CorpusCase[]): void {
  const cases = [...corpus(), ...failures.map(({ target, text }) => ({ target, text }))];
  writeFileSync(CORPUS_FILE, `${JSON.stringify(cases, null, 2)}\n`);
}

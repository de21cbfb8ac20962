import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfLatin1, latin1 } from '../../../shared/domain/bytes.ts';
import type { PortNumber } from '../../../shared/domain/units.ts';
import {
  ASKED_ANYWHERE,
  ASKED_INSIDE_TLS,
  DATAGRAM_MATCHERS,
  MATCHERS,
  matchAnswer,
  matchDatagram,
} from '../../../shared/identify/protocols/all.ts';
import { PAYLOADS } from '../../../shared/identify/protocols/all-payloads.ts';
import {
  type Heard,
  LONGEST_QUESTION,
  type Match,
  type Matcher,
} from '../../../shared/identify/protocols/kit/matcher.ts';
import type { Payload } from '../../../shared/identify/protocols/kit/payload.ts';
import type { Answer } from '../../fixtures/answer.ts';
import { datagrams } from '../../fixtures/datagrams.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { TESTED_AGAINST } from '../../services/tested-against.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/identify/protocols', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../../fixtures/answers', import.meta.url));

/** Files of the folder that list protocols and are none. */
const TABLES: readonly string[] = ['all', 'all-payloads', 'never-answers'];

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort();

/** By its path, which no translation that is kept on disk can know of: a file may have come since. */
const load = (path: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(path).href);

const isMatcher = (value: unknown): value is Matcher =>
  typeof (value as Partial<Matcher> | null)?.match === 'function' && Object.hasOwn(value as object, 'question');
const isPayload = (value: unknown): value is Payload => (value as Partial<Payload> | null)?.bytes instanceof Uint8Array;

/** One file a protocol, with all that it exports. */
const protocols = await Promise.all(
  filesOf(FOLDER)
    .filter((file) => !TABLES.includes(file))
    .map(async (file) => {
      const exported = Object.values((await load(join(FOLDER, `${file}.ts`))) as object);
      return { file, matchers: exported.filter(isMatcher), payloads: exported.filter(isPayload) };
    }),
);

/** Questions that have no shorter form: RTMP's handshake, and the packet that every version of NRPE takes. */
const LONGER: Readonly<Record<string, number>> = { rtmp: 1_537, nrpe: 1_036 };

/** A port for which nothing is usual. */
const STRANGE_PORT = 40_404 as PortNumber;

/** What a matcher sees of an answer; the echo of a question and the time of day have their own members. */
const heard = ({
  text,
  asked,
  sent = '',
  at = 0,
  tls,
}: Pick<Answer, 'text' | 'asked' | 'sent' | 'at' | 'tls'>): Heard => ({
  bytes: bytesOfLatin1(text),
  text,
  asked,
  sent,
  at,
  tls: tls ?? null,
});

/** What a report would show: without what is left out, and without the next question. */
const told = ({ next: _, ...rest }: Match): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));

const fixtures = await Promise.all(
  filesOf(FIXTURES).map(async (file) => {
    const { answers } = (await load(join(FIXTURES, `${file}.ts`))) as { answers: readonly Answer[] };
    return { file, answers };
  }),
);

describe('the table of payloads', () => {
  it('is loaded without any matcher by those who need payloads alone', async () => {
    const entry = fileURLToPath(new URL('../../../shared/identify/protocols/all-payloads.ts', import.meta.url));
    const options = { bundle: true, write: false, minify: true, format: 'esm', platform: 'node' } as const;
    const { outputFiles } = await build({ entryPoints: [entry], ...options });
    const text = outputFiles[0]?.text ?? '';
    for (const { source } of PAYLOADS) expect(text).toContain(source);
    // Each matcher's own source, as far as no payload has the same.
    const shared = new Set(PAYLOADS.map(({ source }) => source));
    for (const { name, source } of MATCHERS) expect(text.includes(source) && !shared.has(source), name).toBe(false);
  });
});

describe('the table of matchers', () => {
  const names = MATCHERS.map(({ name }) => name);

  it('lists every matcher of the folder once, and the table of payloads every payload', () => {
    const every = protocols.flatMap(({ matchers }) => matchers);
    expect(new Set(MATCHERS)).toEqual(new Set(every));
    expect(MATCHERS).toHaveLength(every.length);
    expect(new Set(names).size).toBe(names.length);
    const payloads = protocols.flatMap((each) => each.payloads);
    expect(new Set(PAYLOADS)).toEqual(new Set(payloads));
    expect(PAYLOADS).toHaveLength(payloads.length);
  });

  it('has a fixture for each file with a matcher, and no file without either', () => {
    const withMatcher = protocols.filter(({ matchers }) => matchers.length > 0).map(({ file }) => file);
    expect(filesOf(FIXTURES)).toEqual(withMatcher);
    const empty = protocols.filter(({ matchers, payloads }) => matchers.length + payloads.length === 0);
    expect(empty.map(({ file }) => file)).toEqual([]);
  });

  it('stands in docs/services.md, row by row', () => {
    const rows = MATCHERS.map(({ name, ports, tlsPorts, question, source, startTls }) => {
      const secure = [tlsPorts.join(', '), startTls ? 'STARTTLS' : ''].filter(Boolean).join('; ');
      const asked = question === null ? 'listens' : 'asks';
      return `| \`${name}\` | ${ports.join(', ')} | ${secure} | ${asked} | ${source} | ${TESTED_AGAINST[name] ?? 'fixture'} |`;
    });
    const head = '| service | usual ports | under TLS | first | after | tested against |\n|---|---|---|---|---|---|';
    expectInDocs('docs/services.md', 'matchers', [head, ...rows].join('\n'));
  });

  it('sends no probe longer than a few hundred bytes, however long the name of the host', () => {
    for (const { name, question } of MATCHERS) {
      const host = 'a'.repeat(253);
      const length = question?.bytes(host, `${host}:65535`).length ?? 0;
      expect(length, name).toBeLessThanOrEqual(LONGER[name] ?? LONGEST_QUESTION);
    }
  });

  it('never sends a user name, a password or a session', () => {
    for (const { name, question } of MATCHERS) {
      const words = latin1(question?.bytes('host', 'host:1') ?? new Uint8Array());
      expect(words, name).not.toMatch(/\b(user(?!-agent)|pass|login|auth|authorization|cookie)\b/i);
    }
  });

  it('sends on unknown ports only probes that there are', () => {
    for (const matcher of [ASKED_ANYWHERE, ASKED_INSIDE_TLS].flatMap((table) => Object.values(table)).flat()) {
      expect(MATCHERS).toContain(matcher);
      expect(matcher.question, matcher.name).not.toBeNull();
    }
  });
});

describe.each(fixtures)('$file', ({ file, answers }) => {
  it.each(answers)('is matched in what is said by $from', (answer) => {
    const matchers = protocols.find((each) => each.file === file)?.matchers ?? [];
    const [match] = matchers.flatMap((matcher) => matcher.match(heard(answer)) ?? []);
    expect(match && told(match)).toEqual(answer.is);
  });

  it.each(answers)('is believed before every other, also on a port of no meaning: $from', (answer) => {
    const opinion = matchAnswer(heard(answer), STRANGE_PORT);
    expect(opinion?.best.name).toBe(answer.is.name);
  });

  it.each(answers)('is not taken for sure, and breaks nothing, when the answer is cut anywhere: $from', (answer) => {
    for (let length = 0; length < answer.text.length; length += 1 + Math.floor(length / 50)) {
      const cut = heard({ ...answer, text: answer.text.slice(0, length) });
      for (const matcher of MATCHERS) matcher.match(cut);
    }
    expect(matchAnswer(heard({ ...answer, text: '' }), STRANGE_PORT)).toBeNull();
  });
});

describe('what UDP answers', () => {
  it.each(datagrams)('is matched: $from', ({ text, port, is }) => {
    expect(matchDatagram(bytesOfLatin1(text), port as PortNumber)).toEqual(is);
  });

  it('has a fixture for each matcher of datagrams', () => {
    const names = new Set(datagrams.map(({ is }) => is.name));
    const missing = DATAGRAM_MATCHERS.map(({ name }) => name).filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });

  it('is matched or not, and breaks nothing, whatever the bytes', () => {
    const cut = fc
      .constantFrom(...datagrams)
      .chain(({ text, port }) => fc.tuple(fc.nat(text.length), fc.constant({ text, port })));
    fc.assert(
      fc.property(
        cut,
        ([end, { text, port }]) => void matchDatagram(bytesOfLatin1(text.slice(0, end)), port as PortNumber),
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void matchDatagram(bytes, STRANGE_PORT)),
      { numRuns: 300 },
    );
  });
});

describe('no matcher', () => {
  const questions = [null, ...new Set(MATCHERS.flatMap(({ question }) => (question ? [question.name] : [])))];
  const asked = fc.constantFrom(...questions);

  it('throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_096 }), asked, (bytes, name) => {
        const noise = heard({ text: latin1(bytes), asked: name });
        for (const matcher of MATCHERS) matcher.match(noise);
      }),
      { numRuns: 300 },
    );
  });

  it('throws at a real answer with some bytes changed', () => {
    const all = fixtures.flatMap(({ answers }) => answers);
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...all), changes, asked, (answer, places, name) => {
        const bytes = bytesOfLatin1(answer.text);
        for (const [at, byte] of places) bytes[at % bytes.length] = byte;
        const changed = heard({ text: latin1(bytes), asked: name });
        for (const matcher of MATCHERS) matcher.match(changed);
      }),
      { numRuns: 500 },
    );
  });

  it('takes its own question for an answer, as an echo service would give it back', () => {
    for (const { name, question } of MATCHERS) {
      if (question === null) continue;
      const sent = latin1(question.bytes('host.example', 'host.example:404'));
      const answer = matchAnswer(heard({ text: sent, asked: question.name, sent }), STRANGE_PORT);
      expect([undefined, 'echo'], name).toContain(answer?.best.name);
    }
  });
});

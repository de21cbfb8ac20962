import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, latin1 } from '../../../shared/domain/bytes.ts';
import type { TlsFacts } from '../../../shared/domain/tls-facts.ts';
import type { PortNumber } from '../../../shared/domain/units.ts';
import { MATCHERS, matchAnswer } from '../../../shared/identify/protocols/all.ts';
import type { Match } from '../../../shared/identify/protocols/kit/matcher.ts';
import type { Answer } from '../../fixtures/answer.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { fileOf, type Recording, recordings } from '../../services/recording.ts';
import { ROSTER, type Rostered } from '../../services/roster.ts';
import { TESTED_AGAINST } from '../../services/tested-against.ts';

const RECORDED = recordings();
const entries: readonly (readonly [file: string, Recording, Rostered])[] = Object.entries(ROSTER).flatMap(
  ([name, entry]) => {
    const recording = RECORDED.get(fileOf(name));
    return recording === undefined ? [] : [[fileOf(name), recording, entry]];
  },
);

const TLS: TlsFacts = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: null,
  serverName: 'localhost',
  startTls: null,
  certificate: null,
};

/** What the matchers make of each answer, on the port for which it was recorded. */
const matchesOf = ({ answers }: Recording): Match[] =>
  answers.flatMap(({ port, asked, sent = '', heard, at, tls }) => {
    const bytes = bytesOfHex(heard);
    const told = { bytes, text: latin1(bytes), asked, sent: latin1(bytesOfHex(sent)), at, tls: tls ? TLS : null };
    const found = matchAnswer(told, port as PortNumber);
    return found === null ? [] : [found.best];
  });

/** Names of matchers of which a real server was recorded: here, or by hand in the fixtures of the protocols. */
const FIXTURES = fileURLToPath(new URL('../../fixtures/answers', import.meta.url));
const BY_HAND = /Debian 12|^nsqd \d/;
const byHand = await Promise.all(
  readdirSync(FIXTURES).map(async (file) => {
    const { answers } = (await import(`../../fixtures/answers/${file.replace('.ts', '')}.ts`)) as {
      answers: readonly Answer[];
    };
    return answers.filter(({ from }) => BY_HAND.test(from)).map(({ is }) => is.name);
  }),
);
const recordedNames = new Set([
  ...entries.flatMap(([, recording]) => matchesOf(recording).map(({ name }) => name)),
  ...byHand.flat(),
]);

describe('what real servers said', () => {
  it.each(entries)('is named as the roster has it: %s', (_, recording, { protocol, product, version }) => {
    const matches = matchesOf(recording);
    // An alert in answer to plain words says TLS, which is true, and not all.
    const names = matches.map(({ name }) => name).filter((name) => name !== 'tls');
    expect(names).not.toEqual([]);
    for (const name of names) expect(name).toMatch(protocol);
    if (product) expect(matches.map((each) => each.product ?? '').filter((each) => product.test(each))).not.toEqual([]);
    if (version) expect(matches.map((each) => each.version ?? '').filter((each) => version.test(each))).not.toEqual([]);
  });

  it('was recorded of entries that the roster has', () => {
    expect([...RECORDED.keys()].filter((file) => !entries.some(([known]) => known === file))).toEqual([]);
  });

  it('is counted in docs/services.md, with what only a specification stands for', () => {
    const isReal = (name: string): boolean => recordedNames.has(name) || Object.hasOwn(TESTED_AGAINST, name);
    const specified = MATCHERS.map(({ name }) => name).filter((name) => !isReal(name));
    const text = [
      `Recorded from real servers: ${RECORDED.size} ports of servers, and others by hand; together they speak ${recordedNames.size} of ${MATCHERS.length} protocols.`,
      `Known from their specifications alone are ${specified.length}: ${specified.map((name) => `\`${name}\``).join(', ')}.`,
    ];
    expectInDocs('docs/services.md', 'recorded', text.join('\n'));
  });
});

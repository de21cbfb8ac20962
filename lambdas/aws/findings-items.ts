import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Finding, joinFindings } from '../../shared/domain/finding.ts';
import type { EpochMillis } from '../../shared/domain/units.ts';
import { bytes, bytesOf, type Item } from './attributes.ts';

/** Findings as one item, and what its key ends with. */
export interface FindingsItem {
  readonly name: string;
  readonly attributes: Item;
}

/** Some 120 characters each, 12 KB together, which deflated are two write units. */
const FINDINGS_PER_ITEM = 100;

/** A port may have said 4,096 bytes, which JSON can make six times as many; deflated, this stays far below 400 KB. */
const CHARACTERS_PER_ITEM = 200_000;

/**
 * Findings that are written at once lie in one item, because a host that accepts on every port has 65,535 of them. The
 * key begins with the time of the write, so that a reader sees the first one first.
 */
export function* findingsItems(findings: readonly Finding[], at: EpochMillis): Generator<FindingsItem> {
  let [some, characters]: [string[], number] = [[], 0];
  for (const finding of findings) {
    const line = JSON.stringify(finding);
    if (some.length === FINDINGS_PER_ITEM || (some.length > 0 && characters + line.length > CHARACTERS_PER_ITEM)) {
      yield itemOf(some, at);
      [some, characters] = [[], 0];
    }
    some.push(line);
    characters += line.length;
  }
  if (some.length > 0) yield itemOf(some, at);
}

/** Microseconds since 1970 in 16 digits sort as text until the year 2286. */
const MICROSECONDS_DIGITS = 16;

function itemOf(lines: readonly string[], at: EpochMillis): FindingsItem {
  const content = `[${lines.join(',')}]`;
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  const time = String(Math.floor(at * 1_000)).padStart(MICROSECONDS_DIGITS, '0');
  return { name: `${time}.${digest}`, attributes: { findings: bytes(deflateRawSync(content)) } };
}

/** One finding of each port, from items in the order of their keys. */
export function findingsOf(items: Iterable<Item>): Finding[] {
  const known = new Map<string, Finding>();
  for (const item of items) {
    const content = inflateRawSync(bytesOf(item, 'findings') ?? new Uint8Array()).toString();
    for (const finding of JSON.parse(content) as Finding[]) {
      const key = `${finding.address} ${finding.protocol}/${finding.port}`;
      known.set(key, joinFindings(known.get(key) ?? finding, finding));
    }
  }
  return [...known.values()];
}

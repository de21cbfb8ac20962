import { pointOf } from '../../domain/addresses/address-line.ts';
import { ErrorList } from '../../domain/error-list.ts';
import { type ErrorValue, errorValue } from '../../domain/errors.ts';
import { quoted } from '../../domain/excerpt.ts';
import { countPoints, hasPoint, mergeIntervals } from '../../domain/intervals.ts';
import { NO_PORTS, type PortSet, portSet } from '../../domain/port-set.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { portNumber } from '../../domain/units.ts';
import { ANY_RANGES } from '../../request/octet-ranges.ts';
import { parsePorts } from '../../request/parse-ports.ts';
import { parseTarget, type TargetSpec } from '../../request/parse-target.ts';
import { turn } from '../../seams/turn.ts';
import { type Expectation, type ExpectRule, expectEverywhere } from './expect.ts';

/** Is it the name of a file rather than a list of ports? */
export const isExpectFile = (text: string): boolean => /\.(ya?ml|json)$/i.test(text.trim());

/** `--expect "22,443"`: those ports on every host; an empty text expects nothing to be open. Errors: those of ports. */
export function parseExpect(text: string, field: string): Result<Expectation> {
  const ports = readPorts(text, field);
  return ports.ok ? ok(expectEverywhere(ports.value)) : ports;
}

/**
 * A file for `--expect`, in YAML or JSON:
 *
 *   ports: "22"                  for every host that is not named below; left out, nothing may be open there
 *   targets:
 *     web.example.com: "80,443"  a name, an address, a block or a range, and the ports in the grammar of --ports,
 *     10.0.0.0/24: [22, "U:53"]  as a text, a number or a list of both
 *     10.0.0.7:                  nothing may be open here
 *
 * Errors: EXPECTATION_UNREADABLE, and those of ports and targets; all at once.
 */
export async function parseExpectFile(content: string, file: string): Promise<Result<Expectation>> {
  const root = await readDocument(content, file);
  if (!root.ok) return root;
  const errors = new ErrorList();
  for (const key of root.value.keys()) {
    if (key === 'ports' || key === 'targets') continue;
    errors.add(
      unreadable(
        `${file}: ${quoted(String(key))} is not known there.`,
        'Only "ports" and "targets" may stand at the top.',
      ),
    );
  }
  const otherwise = readPorts(root.value.get('ports'), `${file}: ports`);
  const everywhere = errors.valueOf(otherwise) ?? NO_PORTS;
  const rules = errors.valueOf(await readRules(root.value.get('targets'), file)) ?? [];
  return errors.resultOf(() => ({ rules, otherwise: everywhere }));
}

const unreadable = (detail: string, hint?: string): ErrorValue =>
  errorValue('EXPECTATION_UNREADABLE', detail, hint === undefined ? {} : { hint });

type Mapping = ReadonlyMap<unknown, unknown>;

async function readDocument(content: string, file: string): Promise<Result<Mapping>> {
  const known = readOwnJson(content);
  if (known) return ok(known);
  const { readYaml } = await import('../../request/read-yaml.ts');
  try {
    const document = readYaml(content);
    if (document.errors.length > 0) {
      const errors = new ErrorList();
      for (const { message } of document.errors) errors.add(unreadable(`${file}: ${message.split('\n', 1)[0]}`));
      return err(...errors.all());
    }
    // No aliases: a page of them can stand for gigabytes, and a list of ports needs none.
    const root: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 0 });
    if (root instanceof Map) return ok(root);
  } catch (error) {
    return err(unreadable(`${file}: ${error instanceof Error ? error.message : String(error)}.`));
  }
  return err(unreadable(`${file}: there is no "ports" and no "targets" in it.`));
}

/**
 * What a body of the API had, as it was stored: the reader of YAML takes half a second for 64 KiB of it. Only a text that
 * comes out as it went in is taken, because then no target stands in it twice, which is an error.
 */
function readOwnJson(content: string): Mapping | undefined {
  if (!content.startsWith('{')) return undefined;
  try {
    const root: unknown = JSON.parse(content);
    return JSON.stringify(root) === content ? mapOf(root as object, 2) : undefined;
  } catch {
    return undefined;
  }
}

/** The object and those in it, so many levels deep, as the reader of YAML gives them. */
function mapOf(value: object, levels: number): Mapping {
  const isObject = (member: unknown): member is object =>
    typeof member === 'object' && member !== null && !Array.isArray(member);
  const members = Object.entries(value).map(
    ([key, member]: [string, unknown]) =>
      [key, levels > 1 && isObject(member) ? mapOf(member, levels - 1) : member] as const,
  );
  return new Map<unknown, unknown>(members);
}

/** Rules that are read in one turn of the event loop, some 3 ms of work: a server has others to answer meanwhile. */
const RULES_A_TURN = 500;

async function readRules(value: unknown, file: string): Promise<Result<ExpectRule[]>> {
  if (value === undefined || value === null) return ok([]);
  if (!(value instanceof Map)) return err(unreadable(`${file}: "targets" is not a list of targets with their ports.`));
  const rules: ExpectRule[] = [];
  const errors = new ErrorList();
  let read = 0;
  for (const [key, written] of value) {
    if (++read % RULES_A_TURN === 0) await turn();
    const target = String(key);
    const named = errors.valueOf(parseTarget(target, `${file}: targets`, ANY_RANGES, errors.count));
    const allowed = errors.valueOf(readPorts(written, `${file}: ${target}`, errors.count));
    if (named?.kind === 'inventory')
      errors.add(unreadable(`${file}: "${target}" stands for no host that could be named here.`));
    else if (named && allowed) rules.push(ruleOf(target, named, allowed));
  }
  return errors.resultOf(() => rules);
}

function ruleOf(target: string, spec: Exclude<TargetSpec, { kind: 'inventory' }>, ports: PortSet): ExpectRule {
  if (spec.kind === 'name') {
    // Names of an imported file are as another tool wrote them.
    const covers: ExpectRule['covers'] = ({ names }) => names.some((name) => name.toLowerCase() === spec.name);
    return { target, scope: 'host', covers, ports };
  }
  const spans = mergeIntervals(spec.spans);
  const scope = countPoints(spans) === 1n ? 'host' : 'block';
  return { target, scope, covers: ({ address }) => hasPoint(spans, pointOf(address)), ports };
}

function readPorts(value: unknown, field: string, before = 0): Result<PortSet> {
  const port = typeof value === 'number' ? portNumber(value) : undefined;
  if (port !== undefined) return ok(portSet([[port, port]], []));
  const pieces = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  const odd = pieces.filter((piece) => typeof piece !== 'string' && typeof piece !== 'number');
  if (odd.length > 0) {
    return err(unreadable(`${field}: ports are written as a number, as a text or as a list of both.`));
  }
  const text = pieces.map(String).join(',');
  return text.trim() === '' ? ok(NO_PORTS) : parsePorts(text, field, ['tcp'], before);
}

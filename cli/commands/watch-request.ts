import { resolve } from 'node:path';
import type { JsonObject } from '../../shared/api/read-body.ts';
import { readWatchBody, readWatchFields, watchBody } from '../../shared/api/watch-request.ts';
import { ErrorList } from '../../shared/domain/error-list.ts';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { isExpectFile, parseExpectFile } from '../../shared/report/expectations/parse-expect.ts';
import type { RawWatch, ReadWatchDeps } from '../../shared/watch/read-watch.ts';
import { rawWatchOf } from '../../shared/watch/watch-words.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { readText } from '../read-text.ts';
import { addUpPorts, splitTargets } from './scan-request.ts';

export type WatchOptions = CommandOptions<'watch'>;

/** The watch that the words and options of `watch add` mean; only what was given is in it. */
export async function watchOfOptions(
  words: readonly string[],
  options: WatchOptions,
): Promise<Result<Partial<RawWatch>>> {
  const expect = await expectationOf(options);
  const portTexts = (texts: readonly string[] = [], field: string) => texts.map((text) => ({ text, field }));
  const ports = addUpPorts(portTexts(options.ports, '--ports'), undefined);
  const excludePorts = addUpPorts(portTexts(options.excludePorts, '--exclude-ports'), undefined);
  if (!expect.ok || !ports.ok || !excludePorts.ok) {
    return err(...[expect, ports, excludePorts].flatMap((read) => (read.ok ? [] : read.errors)));
  }
  const targets = words.flatMap(splitTargets);
  const all: Partial<Record<keyof RawWatch, unknown>> = {
    targets: targets.length > 0 ? targets : undefined,
    exclude: options.exclude?.flatMap(splitTargets),
    ports: ports.value,
    excludePorts: excludePorts.value,
    protocols: options.udp ? (options.tcp ? ['tcp', 'udp'] : ['udp']) : undefined,
    family: options.ipv4 === options.ipv6 ? undefined : options.ipv4 ? 4 : 6,
    detect: options.tls ? 'tls' : options.serviceDetection ? 'services' : undefined,
    notify: options.notify?.map(absoluteProgram),
    ...plainOptions(options),
    ...expect.value,
  };
  return ok(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<RawWatch>);
}

/** Options whose words are the members of a watch. */
const plainOptions = ({
  topPorts,
  timing,
  timeout,
  retries,
  rate,
  name,
  every,
  cron,
  zone,
  quietHours,
}: WatchOptions) => ({
  ...{ topPorts, timing, timeout, retries, rate, name, every, cron, zone, quietHours },
});

/** A watch outlives the directory that it was added from. */
const absoluteProgram = (receiver: string): string =>
  /^exec:\.{0,2}\//.test(receiver) ? `exec:${resolve(receiver.slice('exec:'.length))}` : receiver;

type ExpectMembers = Pick<RawWatch, 'expect' | 'expectDocument' | 'expectExact'>;

/** The file is read now: the watch keeps what it says, not where it was. */
async function expectationOf({ expect = [], expectExact }: WatchOptions): Promise<Result<ExpectMembers>> {
  const exact = expectExact ? { expectExact } : {};
  if (expect.length === 0) return ok(exact);
  const file = expect.find(isExpectFile);
  if (file === undefined) return ok({ expect: expect.join(','), ...exact });
  if (expect.length > 1) {
    return err(errorValue('OPTIONS_CONFLICT', `"${file}" says all that is expected; --expect names more beside it.`));
  }
  const content = await readNamed(file, 'EXPECTATION_UNREADABLE');
  if (!content.ok) return content;
  const parsed = await parseExpectFile(content.value, file);
  if (!parsed.ok) return parsed;
  return ok({ expectDocument: JSON.stringify(await fromYaml(content.value)), ...exact });
}

async function readNamed(
  file: string,
  code: 'EXPECTATION_UNREADABLE' | 'WATCH_FILE_UNREADABLE',
): Promise<Result<string>> {
  try {
    return ok(await readText(file));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(errorValue(code, `${file} cannot be read: ${why}.`));
  }
}

/** No aliases: a page of them can stand for gigabytes. Throws where there are. */
async function fromYaml(text: string): Promise<unknown> {
  const { readYaml } = await import('../../shared/request/read-yaml.ts');
  const document = readYaml(text);
  const [error] = document.errors;
  if (error) throw new Error(error.message.split('\n', 1)[0]);
  return document.toJS({ maxAliasCount: 0 });
}

/**
 * A file of watches: `watches:` and below it each by its name, with the members that the API has. All errors at once, of
 * shape and of meaning. Each watch is given as the store would write it, to be compared.
 */
export async function readWatchFile(file: string, reading: ReadWatchDeps): Promise<Result<readonly RawWatch[]>> {
  const content = await readNamed(file, 'WATCH_FILE_UNREADABLE');
  if (!content.ok) return content;
  const root = await parsedFile(content.value, file);
  if (!root.ok) return root;
  const watches: RawWatch[] = [];
  const errors = new ErrorList();
  for (const [name, members] of Object.entries(root.value)) {
    if (!isObject(members)) {
      errors.add(unreadable(file, `"${name}" is no watch`));
      continue;
    }
    const spec = await readWatchBody({ ...withAbsolutePrograms(members), name }, reading);
    const read = spec.ok ? readWatchFields(watchBody(rawWatchOf(spec.value))) : spec;
    if (read.ok) watches.push(read.value);
    else errors.add(...read.errors.map((each) => ({ ...each, detail: `${file}: ${name}: ${each.detail}` })));
  }
  return errors.resultOf(() => watches);
}

function withAbsolutePrograms(members: JsonObject): JsonObject {
  const { notify } = members;
  if (!Array.isArray(notify)) return members;
  return {
    ...members,
    notify: notify.map((each: unknown) => (typeof each === 'string' ? absoluteProgram(each) : each)),
  };
}

async function parsedFile(content: string, file: string): Promise<Result<JsonObject>> {
  try {
    const root = await fromYaml(content);
    const odd = isObject(root) ? Object.keys(root).filter((key) => key !== 'watches') : [];
    if (odd.length > 0) return err(unreadable(file, `"${odd[0]}" is not known there`));
    if (isObject(root) && isObject(root['watches'])) return ok(root['watches']);
    return err(unreadable(file, 'there is no "watches" in it'));
  } catch (error) {
    return err(unreadable(file, error instanceof Error ? error.message : String(error)));
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unreadable = (file: string, why: string): ErrorValue => errorValue('WATCH_FILE_UNREADABLE', `${file}: ${why}.`);

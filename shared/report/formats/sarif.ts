import type { Finding } from '../../domain/finding.ts';
import type { HostReport } from '../../domain/report.ts';
import { makeJudge, type Violation, violationPort, violationWords } from '../expectations/expect.ts';
import { foldHost } from './fold.ts';
import { gapsText, hostHeadline } from './host-words.ts';
import { serviceText } from './port-lines.ts';
import { jsonText, printable } from './printable.ts';
import type { FormatOptions, MakeSections } from './sections.ts';
import { hostEventWords } from './summary-words.ts';
import { isoTime } from './time.ts';

/** What a result can be about. `error` fails a check, `note` is told only. */
const RULES = {
  'open-port': { level: 'note', text: 'A port is open.' },
  unexpected: { level: 'error', text: 'A port is open that is not expected to be.' },
  missing: { level: 'error', text: 'A port is not open that is expected to be.' },
  'no-such-host': { level: 'error', text: 'A host that is expected was not scanned.' },
  certificate: { level: 'error', text: 'A certificate has ended, will soon, is self-signed, or fits no scanned name.' },
  'host-changed': { level: 'warning', text: 'A host did not answer all the while as it did at first.' },
  'not-probed': { level: 'warning', text: 'Ports were not probed, so it is not known whether they are open.' },
} as const;

type RuleId = keyof typeof RULES;

/**
 * SARIF 2.1.0, for what collects the findings of tools. With `--expect` its results are what is not as expected, else every
 * open port; with either, ports that were not probed. A result needs a place in a file: that is the file of expectations
 * where there is one, and otherwise a name made of the address.
 */
export const sarifSections: MakeSections = ({ scan, summary }, options) => {
  const judge = makeJudge(scan, options.expected);
  let separator = '';
  const written = (results: readonly object[]): string =>
    results
      .map((result) => {
        const text = `${separator}${jsonText(result)}`;
        separator = ',\n';
        return text;
      })
      .join('');
  return {
    *head() {
      const driver = { name: 'Portfleet', version: options.version, semanticVersion: options.version, rules: rules() };
      yield `{\n"$schema": "${SCHEMA}",\n"version": "2.1.0",\n"runs": [{\n`;
      yield `"tool": ${jsonText({ driver })},\n"automationDetails": ${jsonText({ id: 'portfleet/' })},\n"results": [\n`;
    },
    *item(host) {
      yield written(hostResults(host, judge.of(host), scan, options));
    },
    *tail(ending) {
      yield written(judge.atEnd().map((each) => resultOf(each, options)));
      yield written(
        hostEventWords(summary).map((each) => result('host-changed', printable(each), 'scan', '', options)),
      );
      const invocation = {
        startTimeUtc: isoTime(scan.submittedAt),
        endTimeUtc: scan.finishedAt === null ? undefined : isoTime(scan.finishedAt),
        executionSuccessful: ending.kind === 'finished' && scan.status === 'complete',
        properties: summary.cost && { cost: summary.cost },
      };
      yield `\n],\n"invocations": ${jsonText([invocation])}\n}]\n}\n`;
    },
  };
};

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const rules = (): readonly object[] =>
  Object.entries(RULES).map(([id, { level, text }]) => ({
    id,
    shortDescription: { text },
    defaultConfiguration: { level },
  }));

function hostResults(
  host: HostReport,
  violations: readonly Violation[],
  scan: Parameters<MakeSections>[0]['scan'],
  options: FormatOptions,
): readonly object[] {
  const open = options.expected ? [] : host.findings.map((finding) => openResult(finding, host, options));
  const gaps = gapsText(foldHost(host, scan.plan.ports));
  const text = `${printable(hostHeadline(host))}: ${gaps}`;
  const unprobed = gaps === null ? [] : [result('not-probed', text, host.address, '', options)];
  return [...open, ...violations.map((each) => resultOf(each, options)), ...unprobed];
}

function openResult(finding: Finding, host: HostReport, options: FormatOptions): object {
  const port = `${finding.port}/${finding.protocol}`;
  const text = `${port} is open on ${printable(hostHeadline(host))}: ${serviceText(finding)}`;
  return result('open-port', text, host.address, port, options);
}

function resultOf(violation: Violation, options: FormatOptions): object {
  const words = violationWords(violation, isoTime);
  if (violation.kind === 'no-such-host') return result(violation.kind, words, violation.target, '', options);
  const address = violation.kind === 'missing' ? violation.address : violation.finding.address;
  return result(violation.kind, words, address, violationPort(violation), options);
}

/** The fingerprint tells readers that it is the same one as the last time. */
function result(ruleId: RuleId, text: string, host: string, port: string, { expected }: FormatOptions): object {
  const name = port === '' ? host : `${host}:${port}`;
  const uri = encodeURI((expected?.file ?? `hosts/${host}`).replaceAll('\\', '/'));
  const physicalLocation = { artifactLocation: { uri }, region: { startLine: 1 } };
  const logicalLocations = [{ fullyQualifiedName: name, kind: 'resource' }];
  return {
    ruleId,
    level: RULES[ruleId].level,
    message: { text },
    locations: [{ physicalLocation, logicalLocations }],
    partialFingerprints: { 'port/v1': `${ruleId} ${name}` },
  };
}

import type { HostReport, Report } from '../../domain/report.ts';
import { makeJudge, type Violation, violationPort, violationWords } from '../expectations/expect.ts';
import { foldHost } from './fold.ts';
import { gapsText, hostHeadline } from './host-words.ts';
import { attributes, xmlText } from './printable.ts';
import type { MakeSections } from './sections.ts';
import { costWords, hostEventWords } from './summary-words.ts';
import { isoTime } from './time.ts';

/**
 * JUnit's XML, after the schema of Ant's reports: a suite a host, and in it a test for each open port, for each that is
 * expected and not open, and one that every planned port was probed. A port fails that is not as `--expect` says, or whose
 * certificate is not; ports that were not probed are an error.
 */
export const junitSections: MakeSections = (report, options) => {
  const judge = makeJudge(report.scan, options.expected);
  let suites = 0;
  const suite = (name: string, hostname: string, cases: readonly TestCase[], notes: readonly string[] = []): string =>
    suiteElement({ id: suites++, name, hostname, timestamp: timestampOf(report) }, cases, notes);
  return {
    *head() {
      yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n';
    },
    *item(host) {
      yield suite(hostHeadline(host), host.address, hostCases(host, report.scan, judge.of(host)));
    },
    *tail(ending) {
      const cases: TestCase[] = judge
        .atEnd()
        .map((each) => ({ name: violationPort(each), failures: [each], error: null }));
      if (ending.kind !== 'finished') cases.push({ name: WHOLE, failures: [], error: 'Hosts are missing.' });
      const notes = [...hostEventWords(report.summary), ...costWords(report.summary)];
      if (cases.length + notes.length > 0) yield suite('scan', 'localhost', cases, notes);
      yield '</testsuites>\n';
    },
  };
};

interface TestCase {
  readonly name: string;
  readonly failures: readonly Violation[];
  readonly error: string | null;
}

const WHOLE = 'the report is whole';

function hostCases(host: HostReport, scan: Report['scan'], violations: readonly Violation[]): TestCase[] {
  const byPort = new Map<string, Violation[]>(host.findings.map(({ port, protocol }) => [`${port}/${protocol}`, []]));
  for (const each of violations) {
    const port = violationPort(each);
    byPort.set(port, [...(byPort.get(port) ?? []), each]);
  }
  const gaps = gapsText(foldHost(host, scan.plan.ports));
  return [
    ...[...byPort].map(([name, failures]) => ({ name, failures, error: null })),
    { name: 'every planned port was probed', failures: [], error: gaps },
  ];
}

type SuiteHead = Readonly<Record<'name' | 'hostname' | 'timestamp', string>> & { readonly id: number };

/** Times are those of a scan of many hosts at once: none is one test's. */
function suiteElement(head: SuiteHead, cases: readonly TestCase[], notes: readonly string[]): string {
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ failures }) => failures.length > 0).length,
    errors: cases.filter(({ error }) => error !== null).length,
    time: 0,
  };
  const inside = cases.map((each) => caseElement(each, head.hostname)).join('');
  const begin = `<testsuite${attributes({ ...head, package: 'portfleet', ...counts })}>\n<properties/>\n`;
  const out = xmlText(notes.join('\n'));
  return `${begin}${inside}<system-out>${out}</system-out>\n<system-err/>\n</testsuite>\n`;
}

function caseElement({ name, failures, error }: TestCase, classname: string): string {
  const head = `<testcase${attributes({ classname, name, time: 0 })}`;
  if (error !== null) return `${head}><error${attributes({ type: 'not-probed', message: error })}/></testcase>\n`;
  const [first] = failures;
  if (!first) return `${head}/>\n`;
  const text = failures.map((each) => violationWords(each, isoTime)).join('\n');
  const failure = attributes({ type: first.kind, message: violationWords(first, isoTime) });
  return `${head}><failure${failure}>${xmlText(text)}</failure></testcase>\n`;
}

/** The schema wants no fraction and no zone. */
const timestampOf = ({ scan }: Pick<Report, 'scan'>): string => isoTime(scan.submittedAt).replace(/(?:\.\d+)?Z$/, '');

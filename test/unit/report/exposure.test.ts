import { describe, expect, it } from 'vitest';
import type { AccountAddress } from '../../../shared/domain/account.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../../helpers/sample-report.ts';

const ADDRESS = '2001:db8::1';
const account: AccountAddress = {
  address: ADDRESS as AccountAddress['address'],
  resource: 'eni-1',
  region: 'eu-west-1',
  allowed: [
    { protocol: 'tcp', first: 80, last: 80, fromAnyone: true },
    { protocol: 'tcp', first: 400, last: 499, fromAnyone: false },
  ],
};
const findings = [finding(ADDRESS, 22), finding(ADDRESS, 80), finding(ADDRESS, 443)];
const ports = tcp([22, 22], [80, 80], [443, 445]);
const of = (more: object) =>
  report([host(ADDRESS, { findings, runs: [run(444, 445, 'closed/conn-refused')], ...more })], ports);

/** Where each format says it, and how. */
const PLACES: Partial<Record<FormatName, RegExp>> = {
  text: /^Open, and allowed by no security group: 22$/m,
  markdown: /^- Open, and allowed by no security group: 22$/m,
  html: /<li>Open, and allowed by no security group: 22<\/li>/,
  json: /"securityGroups":\{"openNotAllowed":"22","allowedNotOpen":"444-445","openToAnyone":"80"\}/,
  jsonl:
    /^\{"event":"security-groups","ip":"2001:db8::1","resource":"eni-1","region":"eu-west-1","open_not_allowed":"22","allowed_not_open":"444-445","open_to_anyone":"80"\}$/m,
  xml: /<hostscript><script id="portfleet-security-groups" output="In the account it is eni-1 in eu-west-1; Open, and allowed by no security group: 22; Open, and allowed from anywhere: 80; Allowed by a security group, and nothing listens: 444-445"\/><\/hostscript>/,
};

describe('What security groups claim, beside what answers,', () => {
  for (const [format, says] of Object.entries(PLACES) as [FormatName, RegExp][]) {
    it(`stands in ${format} where the account has the address, and only there`, async () => {
      expect(await whole(formatReport(format, of({ account }), OPTIONS))).toMatch(says);
      expect(await whole(formatReport(format, of({}), OPTIONS))).not.toMatch(/security.?group/i);
    });
  }

  it('changes nothing of the formats that have a record for each open port alone', async () => {
    for (const format of (Object.keys(FORMATS) as FormatName[]).filter((each) => !(each in PLACES))) {
      expect(await whole(formatReport(format, of({ account }), OPTIONS))).toBe(
        await whole(formatReport(format, of({}), OPTIONS)),
      );
    }
  });
});

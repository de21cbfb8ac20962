import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { WatchChange } from '../../shared/domain/watch-alert.ts';
import type { WatchMessage } from '../../shared/domain/watch-message.ts';
import { clockFormat, isoTime } from '../../shared/report/formats/time.ts';
import { portOf, portOfSubject } from '../../shared/watch/facts.ts';
import { messageLines } from '../../shared/watch/message-text.ts';
import { TELLING } from '../aws/clients.ts';
import type { TellService } from './send-message.ts';

/** A finding in the AWS Security Finding Format, as far as an alert fills it. */
export type SecurityFinding = ReturnType<typeof securityFinding>;

/**
 * One alert, one finding, whatever becomes of it: the id is that of the alert, so a finding that is imported twice is
 * one, and one whose alert is over is archived.
 */
export const securityFindings = (message: WatchMessage, productArn: string): SecurityFinding[] =>
  message.kind === 'changes' ? message.changes.map((change) => securityFinding(change, message, productArn)) : [];

const SCHEMA = '2018-10-08';

/** What the format takes at the most, in characters. */
const MOST_OF_TITLE = 256;
const MOST_OF_DESCRIPTION = 1_024;

function securityFinding(change: WatchChange, message: WatchMessage, ProductArn: string) {
  const { host, address, isBack, subject, since } = change;
  const { watch, at, run, scan } = message;
  const words = messageLines({ ...message, changes: [change] }, clockFormat('UTC'))[0]?.text ?? '';
  const port = portOfSubject(subject);
  const [, , , , account = ''] = ProductArn.split(':');
  return {
    SchemaVersion: SCHEMA,
    Id: `portfleet/${watch.id}/${change.id.split('-', 1)[0]}`,
    ProductArn,
    ProductName: 'Portfleet',
    CompanyName: 'Portfleet',
    GeneratorId: `portfleet/watch/${watch.name}`,
    AwsAccountId: account,
    Types: ['Software and Configuration Checks/Network Reachability'],
    CreatedAt: isoTime(since),
    UpdatedAt: isoTime(at),
    Severity: { Label: severityOf(change) },
    Title: `[${watch.name}] ${words}`.slice(0, MOST_OF_TITLE),
    Description: `${words}. Run ${run} of the watch ${watch.name}${scan ? `, scan ${scan}` : ''}.`.slice(
      0,
      MOST_OF_DESCRIPTION,
    ),
    Resources: [
      {
        Type: 'Other',
        Id: `${host}`,
        Details: {
          Other: {
            address: `${address ?? ''}`,
            ...(port !== undefined && { protocol: portOf(port).protocol, port: `${portOf(port).port}` }),
          },
        },
      },
    ],
    RecordState: isBack ? ('ARCHIVED' as const) : ('ACTIVE' as const),
  };
}

/** What opened weighs more than what went away; what is well again weighs nothing. */
function severityOf({ after, isBack }: WatchChange): 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH' {
  if (isBack) return 'INFORMATIONAL';
  switch (after.kind) {
    case 'expectation':
      return after.state === 'unexpected' ? 'HIGH' : 'MEDIUM';
    case 'port':
      return after.state === 'open' ? 'MEDIUM' : 'LOW';
    case 'certificate':
      return after.state === 'expired' || after.state === '1-day' ? 'HIGH' : 'LOW';
    case 'host':
      return after.state === 'up' ? 'MEDIUM' : 'LOW';
    case 'probing':
      return 'INFORMATIONAL';
    default:
      return after satisfies never;
  }
}

/** Imports what a message tells as findings of the account's own product. A call takes a hundred; a message has fifty. */
export function makeSecurityHub(productArn: string, config: typeof TELLING = TELLING): TellService {
  const client = new SecurityHubClient(config);
  return async ({ message }) => {
    const Findings = securityFindings(message, productArn);
    if (Findings.length === 0) return 'nothing to import';
    const { SuccessCount, FailedFindings: [failed] = [] } = await client.send(
      new BatchImportFindingsCommand({ Findings }),
    );
    if (failed) throw Object.assign(new Error(failed.ErrorMessage), { name: failed.ErrorCode ?? 'FailedFinding' });
    return `${SuccessCount} imported`;
  };
}

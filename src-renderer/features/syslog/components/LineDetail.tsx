import type { ReactNode } from 'react';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import {
  facilityOf,
  rawLine,
  severityNames,
  type SyslogLine,
  timeDigits,
} from '../../../../src-shared/model/syslog/syslogLine.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Detail } from '../../../ui/layout/Split.tsx';
import { MachineBlock, MachineText } from '../../../ui/text/Machine.tsx';
import { copyMachineText } from '../../../ui/text/copy.ts';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { usePorts } from '../../tenants/queries.ts';
import { findNamedTunnels } from '../namedTunnels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

/** Everything that is known of one line, and the tenants that its text names. */
export function LineDetail(props: {
  line: SyslogLine;
  applianceName: string;
  onClose: () => void;
  /** Its time by the console's clock, with how far that may be off; null if that is not known. */
  correctedTime?: ReactNode;
  /** Shown at the top in place of the facts, which then come after `children`. */
  lead?: ReactNode;
  children?: ReactNode;
}) {
  const { line, lead } = props;
  const facts = (
    <div className={layout.stack}>
      <Facts facts={lineFacts(line, props.applianceName, props.correctedTime)} />
      <NamedTunnels line={line} />
    </div>
  );
  return (
    <Detail label="Line">
      <Card
        title="Line"
        aside={
          <Button small kind="quiet" onClick={props.onClose} label="Close details">
            ✕
          </Button>
        }
      >
        {lead ?? facts}
      </Card>
      {props.children}
      {lead === undefined ? null : <Card title="Facts">{facts}</Card>}
      <TextCard title="Text" text={line.message} />
      <TextCard title="Line as the appliance wrote it" text={rawLine(line)} />
    </Detail>
  );
}

function TextCard({ title, text }: { title: string; text: string }) {
  return (
    <Card
      title={title}
      aside={
        <Button small label={`Copy: ${title}`} onClick={() => copyMachineText(text)}>
          Copy
        </Button>
      }
    >
      <MachineBlock text={text} label={title} />
    </Card>
  );
}

function describeSeverity({ severity, severityFrom }: SyslogLine): string {
  if (severity === null) return 'unknown';
  const { name } = severityNames[severity];
  return severityFrom === 'words' ? `${name}, guessed from the text` : name;
}

/** An instant in local time with `digits` of the second's fraction, and in UTC. */
function BothTimes({ at, digits }: { at: string; digits?: number }) {
  return (
    <time dateTime={at}>
      {formatLineTime(at, digits)} <span className={feedback.age}>{formatInstant(at)}</span>
    </time>
  );
}

function machineValue(value: string | null): ReactNode {
  return value === null ? 'not in the line' : <MachineText text={value} />;
}

function lineFacts(
  line: SyslogLine,
  applianceName: string,
  correctedTime: ReactNode = null,
): [string, ReactNode][] {
  return [
    [
      'Time',
      line.time === null ? 'not in the line' : <BothTimes key="t" at={line.time} digits={timeDigits(line)} />,
    ],
    ...(correctedTime === null ? [] : [['Corrected time', correctedTime] satisfies [string, ReactNode]]),
    ['Received', <BothTimes key="r" at={line.receivedAt} />],
    [
      'Appliance',
      <PlaceLink key="a" to={places.appliance(applianceName)}>
        {applianceName}
      </PlaceLink>,
    ],
    ['Host', machineValue(line.host)],
    ['Program', machineValue(line.program)],
    ['Process ID', machineValue(line.pid === null ? null : String(line.pid))],
    ['Severity', describeSeverity(line)],
    ['Facility', facilityOf(line) ?? 'not in the line'],
  ];
}

/** A line can name every port of an appliance. */
const maxLinks = 20;

/** Links to the known tenants and ports that the line names. */
function NamedTunnels({ line }: { line: SyslogLine }) {
  const { applianceId } = line;
  const rows = usePorts({ applianceId }).data?.rows ?? [];
  const tunnels = findNamedTunnels(
    line.message,
    rows.filter((row) => row.applianceId === applianceId),
  );
  if (tunnels.length === 0) return null;
  return (
    <PlainList label="Tenants in this line">
      {tunnels.slice(0, maxLinks).map(({ applianceName, clientId, port }) => (
        <li key={`${clientId} ${port}`}>
          <PlaceLink to={places.tenant(applianceName, clientId, port)}>
            {port === null ? `Tenant ${clientId}` : `Port ${port} of ${clientId}`}
          </PlaceLink>
        </li>
      ))}
      {tunnels.length > maxLinks ? <li>{tunnels.length - maxLinks} more</li> : null}
    </PlainList>
  );
}

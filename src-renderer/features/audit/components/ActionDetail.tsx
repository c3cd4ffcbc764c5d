import type { ReactNode } from 'react';
import type { AuditedAction, AuditRecord } from '../../../../src-shared/model/audit/audit.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { places } from '../../../state/places.ts';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { CommandLine, MachineBlock, MachineText } from '../../../ui/text/Machine.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { Detail } from '../../../ui/layout/Split.tsx';
import { CodeLink, findCodes } from '../../codes/CodeLink.tsx';
import { findEndRecord, eventLabel, getActionLabel } from '../actions.ts';
import { ResultWord } from '../auditColumns.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The page that reads back what an action may have changed. */
function placeOf({ event, object }: AuditRecord): string {
  const name = object.split('/', 1)[0] ?? '';
  if (event.startsWith('licence.') || event.startsWith('connectedWindow.')) return places.licences();
  if (event.startsWith('configuration.')) return places.applianceConfiguration(name);
  if (event.startsWith('tenant.') || event.startsWith('groupKey.')) return places.applianceTenants(name);
  return places.appliance(name);
}

const titles = { intent: 'Intent', outcome: 'Outcome', event: 'Event' } as const;

/** A summary of the action, then each of its records as stored. */
export function ActionDetail({ action, onClose }: { action: AuditedAction; onClose: () => void }) {
  const { start, outcome } = action;
  return (
    <Detail label={getActionLabel(action)}>
      <Card
        title={eventLabel(start.event)}
        aside={
          <Button small kind="quiet" onClick={onClose} label="Close details">
            ✕
          </Button>
        }
      >
        <div className={layout.stack}>
          <Facts facts={actionFacts(action)} />
          {start.command === null ? null : <CommandLine text={start.command} label="Command" />}
        </div>
      </Card>
      <RecordCard record={start} />
      {outcome === null ? null : <RecordCard record={outcome} />}
      {outcome?.errorCode === 'OUTCOME_UNKNOWN' ? (
        <Card title="Read it back">
          <p>
            The console ended while the action ran. The appliance may or may not have been changed.{' '}
            <PlaceLink to={placeOf(start)}>Read back what it has now</PlaceLink>
          </p>
        </Card>
      ) : null}
      {start.phase === 'intent' && outcome === null ? (
        <Card title="Outcome">
          <p>
            No outcome is recorded: the action is still running, or the console stopped before it ended. The
            appliance may or may not have been changed.
          </p>
        </Card>
      ) : null}
    </Detail>
  );
}

function actionFacts(action: AuditedAction): [string, ReactNode][] {
  const { start, outcome } = action;
  const codes = findCodes([start.reason, start.detail, outcome?.detail].join(' '));
  return [
    ['Outcome', <ResultWord key="r" end={findEndRecord(action)} />],
    ['Event', <MachineText key="e" text={start.event} />],
    ['Object', <MachineText key="o" text={start.object} />],
    ['User', `${start.operator} · role ${start.role}`],
    ['Source', <MachineText key="s" text={start.source} />],
    ['Destination', start.destination === null ? '–' : <MachineText key="d" text={start.destination} />],
    ['Reason', start.reason ?? '–'],
    ...(codes.length === 0
      ? []
      : [
          [
            'Codes',
            <span key="codes" className={layout.row}>
              {codes.map((code) => (
                <CodeLink key={code} code={code} />
              ))}
            </span>,
          ] satisfies [string, ReactNode],
        ]),
    ['Console process', <MachineText key="c" text={start.session} />],
  ];
}

function Hash({ hash }: { hash: string }) {
  return <span className={textStyles.mono}>{hash}</span>;
}

function RecordCard({ record }: { record: AuditRecord }) {
  return (
    <Card title={`${titles[record.phase]} #${record.seq}`}>
      <div className={layout.stack}>
        <Facts
          facts={[
            [
              'Time',
              <span key="t">
                <Moment at={record.at} /> <span className={feedback.age}>{formatInstant(record.at)}</span>
              </span>,
            ],
            ['Hash', <Hash key="h" hash={record.hash} />],
            ['Previous hash', <Hash key="p" hash={record.previousHash} />],
          ]}
        />
        {record.detail === '' ? null : <MachineBlock text={record.detail} label="Detail" />}
      </div>
    </Card>
  );
}

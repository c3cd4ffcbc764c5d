import type { ReactNode } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { findSeenClockProblems } from '../../../../src-shared/model/licence/clockProblems.ts';
import { describePings } from '../../../../src-shared/model/licence/licencePings.ts';
import type { LicenceSchedule } from '../../../../src-shared/model/licence/licenceWork.ts';
import {
  licenceModes,
  licenceStaleAfterMs,
  type LicenceShowOutput,
} from '../../../../src-shared/model/licence/licence.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import {
  compareMemberLicences,
  parityLabels,
  type LicenceParity,
} from '../../../../src-shared/model/licence/licenceParity.ts';
import { useApplianceList } from '../../fleet/queries.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocal, MomentText } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { ToneChip } from '../../../ui/feedback/Tone.tsx';
import { describeLicence } from '../../fleet/labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Shows the expiry in UTC, as the licence defines it, and in the operator's local time. */
function BothTimes({ at }: { at: string | null }) {
  if (at === null) return <>–</>;
  return (
    <>
      <span className={textStyles.mono}>{formatInstant(at)}</span>
      <br />
      <span className={`${textStyles.mono} ${textStyles.sub}`}>{formatLocal(at)} local time</span>
    </>
  );
}

/** The next step of the renewal; its words are on the page of licences. */
function nextFacts({ next, snooze }: LicenceSchedule): [string, string][] {
  if (next === null) return [];
  const by = next.day === null ? 'now' : `by ${next.day}`;
  const until = snooze === null ? '' : `, snoozed by ${snooze.by} until ${snooze.until}`;
  return [['Next step', `${next.step} ${by}${until}`]];
}

/** What is wrong with the clock, which decides about the licence. */
function clockFacts({ status, licence }: ApplianceView): (readonly [string, ReactNode])[] {
  return findSeenClockProblems({
    status: status?.value ?? null,
    statusSeenAt: status?.observedAt ?? null,
    licence: licence?.value ?? null,
  }).map(({ code, severity, text }) => [
    `Clock, ${code}`,
    <span key={code} className={feedback.word} data-tone={severity}>
      <MomentText text={text} />
    </span>,
  ]);
}

function licenceFacts(licence: LicenceShowOutput): readonly (readonly [string, ReactNode])[] {
  return [
    ['Expires', <BothTimes key="e" at={licence.expiresAt} />],
    ['Grace ends', <BothTimes key="g" at={licence.graceEndsAt} />],
    ...(licence.mode === null ? [] : ([['Mode', licenceModes[licence.mode].label]] as const)),
    ['Key', <MachineText key="k" text={licence.key ?? '–'} />],
    ['Sequence number', licence.sequence ?? '–'],
    ...(licence.entitlements === null
      ? []
      : ([
          ['Plan', <MachineText key="p" text={licence.entitlements.plan} />],
          ['Accounts', licence.entitlements.accounts?.toLocaleString('en-US') ?? 'unlimited'],
          ['Connectors', <MachineText key="c" text={licence.entitlements.connectors.join(', ')} />],
        ] as const)),
  ];
}

/** Whether the other members of the appliance's cluster have the same licence. */
function useParity({ entry }: ApplianceView): LicenceParity | null {
  const views = useApplianceList().data ?? [];
  const members = views.filter((other) => other.entry.cluster === entry.cluster);
  if (entry.cluster === '' || members.length < 2) return null;
  return compareMemberLicences(
    members.map((member) => ({
      name: member.entry.name,
      licence: member.licence?.value ?? null,
      observedAt: member.licence?.observedAt ?? null,
    })),
  );
}

export function LicenceCard({ view }: { view: ApplianceView }) {
  const now = useNow();
  const words = describeLicence(view.licence?.value ?? null, now);
  const isAway = useIsOld(view.observedAt);
  const parity = useParity(view);
  if (view.licence === null) {
    return (
      <Card title="Licence">
        <p className={textStyles.sub}>No data yet. It appears after the appliance’s first answer.</p>
      </Card>
    );
  }
  const { value: licence, observedAt } = view.licence;
  return (
    <Card
      title="Licence"
      aside={
        <span className={layout.row}>
          <ToneChip
            tone={words.tone}
            observedAt={isAway ? null : observedAt}
            freshForMs={licenceStaleAfterMs}
          >
            {licence.state === 'valid' ? `valid · ${words.text}` : words.text}
          </ToneChip>
          <Age observedAt={observedAt} freshForMs={licenceStaleAfterMs} />
        </span>
      }
    >
      <Facts
        facts={[
          ['Status', <MomentText key="s" text={licence.reason} />],
          ...clockFacts(view),
          ...nextFacts(view.schedule),
          ...(licence.state === 'not-required' ? [] : licenceFacts(licence)),
          ...(parity === null
            ? []
            : ([
                [
                  'Cluster',
                  <MomentText
                    key="parity"
                    text={[
                      `${view.entry.cluster}: ${parityLabels[parity.state]}.`,
                      ...parity.differences,
                    ].join(' ')}
                  />,
                ],
              ] as const)),
          ...(licence.pings === undefined
            ? []
            : ([['Licence pings', <MomentText key="i" text={describePings(licence.pings)} />]] as const)),
        ]}
      />
      {licence.state === 'not-required' ? null : (
        <p>
          <PlaceLink to={places.licences({ renew: view.entry.name })}>Renew offline…</PlaceLink>
        </p>
      )}
    </Card>
  );
}

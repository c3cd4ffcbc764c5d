import type { ReactNode } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { licenceStaleAfterMs } from '../../../../src-shared/model/licence/licence.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { useIsOld, useShownTone } from '../../../ui/feedback/freshness.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { localMoments } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { ToneChip, ToneDot, ToneWord } from '../../../ui/feedback/Tone.tsx';
import { ApplianceMarks, ColourEdge, listMarks } from './ApplianceMarks.tsx';
import { sumSyslogRate } from '../summary.ts';
import { describeHealth, describeLicence, describeLink } from '../labels.ts';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function LinkCell({ view }: { view: ApplianceView }) {
  const words = describeLink(view.link, view.entry.jumps.length);
  const shown = useShownTone(words.tone, view.observedAt);
  return (
    <span
      className={`${layout.row} ${layout.tight}`}
      title={
        view.link.state === 'retrying' || view.link.state === 'stopped'
          ? visibleText(view.link.error.message)
          : undefined
      }
    >
      <ToneDot tone={words.tone} observedAt={view.observedAt} label="link" />
      <span className={textStyles.clip}>
        {shown === 'old' ? 'was ' : ''}
        {words.text}
      </span>
    </span>
  );
}

function LicenceCell({ view }: { view: ApplianceView }) {
  const words = describeLicence(view.licence?.value ?? null, useNow());
  // The licence is read only once a minute, but while an appliance is away it counts as old.
  const isAway = useIsOld(view.observedAt) || view.link.state !== 'connected';
  return (
    <ToneChip
      tone={words.tone}
      observedAt={isAway ? null : (view.licence?.observedAt ?? null)}
      freshForMs={licenceStaleAfterMs}
      title={localMoments(view.licence?.value.reason ?? 'not seen yet')}
    >
      {words.text}
    </ToneChip>
  );
}

function hasFaultyTunnel({ tunnels }: ApplianceView): boolean {
  return tunnels.down + tunnels.attention > 0;
}

/** A number in the table that links to the rows it counts. */
function FigureLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <PlaceLink to={to} className={textStyles.nameLink}>
      {children}
    </PlaceLink>
  );
}

function AttentionCell({ view }: { view: ApplianceView }) {
  const words = describeHealth(view);
  const isOld = useIsOld(view.observedAt);
  // A healthy state is shown quietly instead of green, but it becomes old just as green does.
  const tone = words.tone === 'off' && isOld ? 'ok' : words.tone;
  return (
    <span title={view.health.problems.map(({ code, text }) => `${code} ${visibleText(text)}`).join('\n')}>
      <PlaceLink
        to={
          hasFaultyTunnel(view)
            ? places.applianceTenants(view.entry.name, { show: 'attention' })
            : places.appliance(view.entry.name)
        }
        className={textStyles.nameLink}
      >
        <ToneWord tone={tone} observedAt={view.observedAt}>
          {visibleText(words.text)}
        </ToneWord>
      </PlaceLink>
    </span>
  );
}

function syslogText(view: ApplianceView): string {
  const rate = sumSyslogRate([view]);
  if (rate === null) return '–';
  return rate > 0 && rate < 1 ? '<1' : number.format(rate);
}

/** The fleet's columns, for the table and its export. */
export const fleetColumns: readonly Column<ApplianceView>[] = [
  {
    id: 'appliance',
    header: 'Appliance',
    width: 'minmax(92px, 1.1fr)',
    rank: 1,
    value: (view) => view.entry.name,
    cell: (view) => (
      <span title={visibleText(view.entry.description)}>
        <ColourEdge entry={view.entry} />
        <PlaceLink to={places.appliance(view.entry.name)} className={textStyles.nameLink}>
          {view.entry.name}
        </PlaceLink>
      </span>
    ),
  },
  {
    id: 'tags',
    header: 'Tags',
    width: 'minmax(120px, 2.2fr)',
    rank: 6,
    hidesEmpty: true,
    value: (view) => listMarks(view.entry).join(', ') || null,
    cell: (view) => <ApplianceMarks entry={view.entry} />,
  },
  {
    id: 'version',
    header: 'Version',
    width: 'minmax(62px, 0.7fr)',
    rank: 9,
    value: (view) => view.status?.value.versions.appliance ?? null,
    cell: (view) => <MachineText text={view.status?.value.versions.appliance ?? '–'} />,
  },
  {
    id: 'link',
    header: 'Link',
    width: 'minmax(150px, 1.5fr)',
    rank: 2,
    value: (view) => describeLink(view.link, view.entry.jumps.length).text,
    cell: (view) => <LinkCell view={view} />,
  },
  {
    id: 'licence',
    header: 'Licence',
    width: 'minmax(136px, 1fr)',
    rank: 4,
    value: (view) => view.licence?.value.expiresAt ?? null,
    cell: (view) => <LicenceCell view={view} />,
  },
  {
    id: 'tenants',
    header: 'Tenants',
    width: '66px',
    rank: 8,
    end: true,
    value: (view) => view.tenants?.total ?? null,
    cell: (view) => (
      <FigureLink to={places.applianceTenants(view.entry.name)}>{view.tenants?.total ?? '–'}</FigureLink>
    ),
  },
  {
    id: 'ports',
    header: 'Ports',
    width: '54px',
    rank: 5,
    end: true,
    title: 'Ports listening now',
    value: (view) => view.ports?.listening ?? null,
    cell: (view) => (
      <FigureLink to={places.applianceTenants(view.entry.name)}>{view.ports?.listening ?? '–'}</FigureLink>
    ),
  },
  {
    id: 'syslog',
    header: 'Lines/s',
    title: 'Lines of the syslog per second',
    width: '72px',
    rank: 10,
    end: true,
    value: (view) => view.syslog?.linesPerSecond ?? null,
    cell: (view) => <FigureLink to={places.applianceSyslog(view.entry.name)}>{syslogText(view)}</FigureLink>,
  },
  {
    id: 'attention',
    header: 'Needs attention',
    width: 'minmax(140px, 2.4fr)',
    rank: 3,
    value: (view) => view.health.problems.map((problem) => problem.text).join('; '),
    cell: (view) => <AttentionCell view={view} />,
  },
  {
    id: 'age',
    header: 'Data age',
    width: '70px',
    rank: 7,
    value: (view) => view.observedAt,
    cell: (view) => <Age observedAt={view.observedAt} />,
  },
];

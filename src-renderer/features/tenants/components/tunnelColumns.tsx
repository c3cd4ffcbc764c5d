import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import type { TenantOrder } from '../../../state/viewState.ts';
import { hrefOf } from '../../../state/places.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { type Column, leastTrack } from '../../../ui/table/DataTable.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { destinationOf, dropText, formatLatency } from '../rows.ts';
import { Chain } from './Chain.tsx';

/** `rank` says who stays when the window is narrow: the lowest first. */
type RankedColumn = { rank: number; column: Column<PortRow> };

export type TunnelColumnOptions = {
  withAppliance: boolean;
  order: TenantOrder;
  /** Where a tenant's name leads: the tenant as a whole. */
  placeOf: (row: PortRow) => string;
};

function appliance(order: TenantOrder): Column<PortRow> {
  return {
    id: 'appliance',
    header: 'Appliance',
    width: 'minmax(84px, 0.7fr)',
    value: (row) => row.applianceName,
    cell: (row, { repeated }) =>
      repeated && order !== 'destination' ? null : <MachineText text={row.applianceName} />,
  };
}

function tenant({ order, placeOf }: TunnelColumnOptions): Column<PortRow> {
  return {
    id: 'tenant',
    header: 'Tenant',
    width: 'minmax(94px, 1fr)',
    value: (row) => row.clientId,
    isMain: true,
    cell: (row, { repeated }) =>
      repeated && order !== 'destination' ? null : (
        <a
          href={hrefOf(placeOf(row))}
          className="name-link"
          title={`${row.clientId}: the tenant as a whole`}
          // Else the row would answer too, and lead to its port.
          onClick={(event) => event.stopPropagation()}
        >
          {row.clientId}
        </a>
      ),
  };
}

const port: Column<PortRow> = {
  id: 'port',
  header: 'Port',
  width: '54px',
  value: (row) => row.port,
  cell: (row) => <span className="mono">{row.port ?? '–'}</span>,
};

function destination(order: TenantOrder): Column<PortRow> {
  return {
    id: 'destination',
    header: 'Destination',
    width: 'minmax(190px, 3fr)',
    value: (row) => destinationOf(row).text,
    cell: (row, { repeated }) => {
      if (repeated && order === 'destination') return null;
      const { text, isMachine } = destinationOf(row);
      return isMachine ? <MachineText text={text} /> : <span className="sub">{text}</span>;
    },
  };
}

const chain: Column<PortRow> = {
  id: 'chain',
  header: 'Chain',
  width: '122px',
  title: 'reachable · key · session · listener · forward · service',
  cell: (row) => <Chain chain={row.chain} observedAt={row.observedAt} word={row.word} />,
};

const state: Column<PortRow> = {
  id: 'state',
  header: 'State',
  width: 'minmax(120px, 2fr)',
  value: (row) => row.word,
  cell: (row) => (
    <>
      {row.disagrees ? (
        <span className="word disagrees" data-tone="warn" title="Cluster members disagree">
          <span aria-hidden="true">≠</span>
          <span className="sr-only">members differ,</span>
        </span>
      ) : null}
      <ToneWord tone={row.tone} observedAt={row.observedAt}>
        {row.word}
      </ToneWord>
    </>
  ),
};

const seen: Column<PortRow> = {
  id: 'seen',
  header: 'Seen',
  width: '68px',
  title: 'When the tenant was last seen on the appliance',
  value: (row) => row.lastSeenAt,
  cell: (row) => <Ago at={row.lastSeenAt} />,
};

const latency: Column<PortRow> = {
  id: 'latency',
  header: 'Latency',
  width: '70px',
  end: true,
  title: 'Time to the service’s first full answer in the last test',
  value: (row) => (row.latencyMs === null ? null : Math.round(row.latencyMs)),
  cell: (row) => (row.latencyMs === null ? '–' : formatLatency(row.latencyMs)),
};

const since: Column<PortRow> = {
  id: 'since',
  header: 'Up for',
  width: '74px',
  title: 'Duration of the session',
  value: (row) => row.since,
  cell: (row) => <Ago at={row.since} />,
};

const client: Column<PortRow> = {
  id: 'client',
  header: 'Client',
  width: 'minmax(168px, 0.6fr)',
  title: 'Address and Connect version',
  value: (row) => [row.peer, row.connectVersion].filter((part) => part !== null).join(' · ') || null,
  cell: (row) => (
    <MachineText text={[row.peer ?? '–', row.connectVersion].filter((part) => part !== null).join(' · ')} />
  ),
};

const drop: Column<PortRow> = {
  id: 'drop',
  header: 'Last drop',
  width: 'minmax(150px, 1.2fr)',
  value: dropText,
  cell: (row) =>
    row.lastDrop === null ? (
      <span className="faint">none seen</span>
    ) : (
      <span title={visibleText(row.lastDrop.reason)}>
        <Ago at={row.lastDrop.at} /> <span className="sub">{visibleText(row.lastDrop.reason)}</span>
      </span>
    ),
};

function rankedColumns(options: TunnelColumnOptions): RankedColumn[] {
  const { order, withAppliance } = options;
  return [
    ...(withAppliance ? [{ rank: 6, column: appliance(order) }] : []),
    { rank: 1, column: tenant(options) },
    { rank: 2, column: port },
    { rank: 5, column: destination(order) },
    { rank: 3, column: chain },
    { rank: 4, column: state },
    { rank: 8, column: latency },
    { rank: 10, column: client },
    { rank: 11, column: since },
    { rank: 7, column: seen },
    { rank: 9, column: drop },
  ];
}

/** As many columns as `width` pixels hold without squeezing any below its least width; never none. */
export function tunnelColumns(options: TunnelColumnOptions & { width: number }): readonly Column<PortRow>[] {
  const ranked = rankedColumns(options);
  let left = options.width;
  let lastRank = 1;
  for (const { rank, column } of ranked.toSorted((a, b) => a.rank - b.rank)) {
    left -= leastTrack(column.width);
    if (left < 0) break;
    lastRank = rank;
  }
  return ranked.filter(({ rank }) => rank <= lastRank).map(({ column }) => column);
}

function plain(id: string, header: string, value: (row: PortRow) => string | number | null): Column<PortRow> {
  return { id, header, width: '1px', value, cell: value };
}

/** An export names everything, in full, whatever the width of the window leaves in the table. */
export const exportedColumns: readonly Column<PortRow>[] = [
  plain('appliance', 'Appliance', (row) => row.applianceName),
  plain('cluster', 'Cluster', (row) => row.cluster),
  plain('tenant', 'Tenant', (row) => row.clientId),
  plain('port', 'Port', (row) => row.port),
  plain('destination', 'Destination', (row) => row.destination),
  plain('group', 'Group', (row) => row.group),
  plain('repository', 'Repository', (row) => row.repository),
  plain('suspended', 'Suspended', (row) => (row.suspended ? 'yes' : 'no')),
  plain('chain', 'Chain', (row) => row.chain),
  plain('code', 'Code', (row) => row.code),
  plain('state', 'State', (row) => row.word),
  plain('tone', 'Verdict', (row) => row.tone),
  plain('client', 'Client address', (row) => row.peer),
  plain('connectVersion', 'Connect', (row) => row.connectVersion),
  plain('since', 'Session since', (row) => row.since),
  plain('lastSeenAt', 'Last seen', (row) => row.lastSeenAt),
  plain('lastDropAt', 'Last drop', (row) => row.lastDrop?.at ?? null),
  plain('lastDropReason', 'Reason of the last drop', (row) => row.lastDrop?.reason ?? null),
  plain('latencyMs', 'Latency ms', (row) => row.latencyMs),
  plain('probedAt', 'Probed', (row) => row.probedAt),
  plain('observedAt', 'Observed', (row) => row.observedAt),
];

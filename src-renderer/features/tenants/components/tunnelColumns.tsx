import { Ago } from '../../../ui/Age.tsx';
import type { Column } from '../../../ui/DataTable.tsx';
import { MachineText } from '../../../ui/Machine.tsx';
import { ToneWord } from '../../../ui/Tone.tsx';
import { destinationOf, type TunnelRow } from '../rows.ts';
import { Chain } from './Chain.tsx';

const appliance: Column<TunnelRow> = {
  id: 'appliance',
  header: 'Appliance',
  width: 'minmax(84px, 0.7fr)',
  value: ({ view }) => view.applianceName,
  cell: ({ view }, { repeated }) => (repeated ? null : <MachineText text={view.applianceName} />),
};

const columns: readonly Column<TunnelRow>[] = [
  {
    id: 'tenant',
    header: 'Tenant',
    width: 'minmax(100px, 1fr)',
    value: ({ view }) => view.tenant.clientId,
    isMain: true,
    cell: ({ view }, { repeated }) =>
      repeated ? null : <b title={view.tenant.clientId}>{view.tenant.clientId}</b>,
  },
  {
    id: 'port',
    header: 'Port',
    width: '58px',
    value: ({ tunnel }) => tunnel.port,
    cell: ({ tunnel }) => <span className="mono">{tunnel.port ?? '–'}</span>,
  },
  {
    id: 'destination',
    header: 'Destination',
    width: 'minmax(140px, 3fr)',
    value: (row) => destinationOf(row).text,
    cell: (row) => {
      const { text, isMachine } = destinationOf(row);
      return isMachine ? <MachineText text={text} /> : <span className="sub">{text}</span>;
    },
  },
  {
    id: 'chain',
    header: 'Chain',
    width: '136px',
    title: 'reachable · key · session · listener · forward · service',
    cell: ({ tunnel }) => <Chain layers={tunnel.layers} observedAt={tunnel.observedAt} word={tunnel.word} />,
  },
  {
    id: 'state',
    header: 'State',
    width: 'minmax(122px, 1fr)',
    value: ({ tunnel }) => tunnel.word,
    cell: ({ tunnel }) => (
      <ToneWord tone={tunnel.tone} observedAt={tunnel.observedAt}>
        {tunnel.word}
      </ToneWord>
    ),
  },
];

const peer: Column<TunnelRow> = {
  id: 'peer',
  header: 'From',
  width: 'minmax(172px, 0.9fr)',
  value: ({ tunnel }) => tunnel.peer,
  cell: ({ tunnel }) => (
    <MachineText
      text={[tunnel.peer ?? '–', tunnel.connectVersion].filter((part) => part !== null).join(' · ')}
    />
  ),
};

const seen: Column<TunnelRow> = {
  id: 'seen',
  header: 'Seen',
  width: '66px',
  title: 'when the tenant was last seen on the appliance',
  value: ({ tunnel }) => tunnel.lastSeenAt,
  cell: ({ tunnel }) => <Ago at={tunnel.lastSeenAt} />,
};

/** The table's columns: with the appliance where there are several, without the peer where a panel stands beside. */
export function tunnelColumns({
  withAppliance,
  narrow,
}: {
  withAppliance: boolean;
  narrow: boolean;
}): readonly Column<TunnelRow>[] {
  return [...(withAppliance ? [appliance] : []), ...columns, ...(narrow ? [] : [peer]), seen];
}

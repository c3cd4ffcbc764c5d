import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import {
  exportedPortColumns,
  portColumnsOnPage,
  portColumns,
  type PortColumnName,
} from '../../../../src-shared/model/tunnels/portColumns.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { hrefOf } from '../../../state/places.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { destinationOf, dropText, formatLatency, type TenantOrder } from '../rows.ts';
import { Chain } from './Chain.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

export type TunnelColumnOptions = {
  withAppliance: boolean;
  order: TenantOrder;
  /** The address of a tenant. */
  placeOf: (row: PortRow) => string;
};

/** Shortens the path first, then the scheme, because operators look for host and port. */
function Destination({ address }: { address: string }) {
  const shown = visibleText(address);
  const [, scheme, host = shown, port, path] = /^([\w+.-]+:\/\/)?([^/]*?)(:\d+)?(\/.*)?$/u.exec(shown) ?? [];
  return (
    <span className={`${textStyles.mono} ${styles.destination}`} title={shown}>
      <span>{scheme}</span>
      <span>{host}</span>
      <span>{port}</span>
      <span>{path}</span>
    </span>
  );
}

type TunnelCell = Pick<Column<PortRow>, 'cell'> & Partial<Column<PortRow>>;

/** The cells that show more than text. */
function tunnelCells({ order, placeOf }: TunnelColumnOptions): Partial<Record<PortColumnName, TunnelCell>> {
  const hidesRepeats = order !== 'destination';
  return {
    appliance: {
      cell: (row, { repeated }) =>
        repeated && hidesRepeats ? null : <MachineText text={row.applianceName} />,
    },
    tenant: {
      isMain: true,
      cell: (row, { repeated }) =>
        repeated && hidesRepeats ? null : (
          <a
            href={hrefOf(placeOf(row))}
            // Tab stops at the table only once; by keyboard, the row’s menu opens the tenant.
            tabIndex={-1}
            className={textStyles.nameLink}
            title={`All tunnels of ${row.clientId}`}
            // Otherwise the click would also open the port of the row.
            onClick={(event) => event.stopPropagation()}
          >
            {row.clientId}
          </a>
        ),
    },
    port: { cell: (row) => <span className={textStyles.mono}>{row.port ?? '–'}</span> },
    destination: {
      value: (row) => destinationOf(row).text,
      cell: (row, { repeated }) => {
        if (repeated && !hidesRepeats) return null;
        const { text, isMachine } = destinationOf(row);
        return isMachine ? <Destination address={text} /> : <span className={textStyles.sub}>{text}</span>;
      },
    },
    ...plainCells,
  };
}

const plainCells: Partial<Record<PortColumnName, TunnelCell>> = {
  chain: { cell: (row) => <Chain chain={row.chain} observedAt={row.observedAt} word={row.word} /> },
  state: {
    cell: (row) => (
      <>
        {row.disagrees ? (
          <span
            className={`${feedback.word} ${styles.disagrees}`}
            data-tone="warn"
            title="Cluster members report different data"
          >
            <span aria-hidden="true">≠</span>
            <span className={layout.srOnly}>cluster members report different data,</span>
          </span>
        ) : null}
        <ToneWord tone={row.tone} observedAt={row.observedAt}>
          {row.word}
        </ToneWord>
      </>
    ),
  },
  code: { cell: (row) => <CodeLink code={row.code} isInTable /> },
  last_seen: { cell: (row) => <Ago at={row.lastSeenAt} /> },
  latency_ms: {
    value: (row) => (row.latencyMs === null ? null : Math.round(row.latencyMs)),
    cell: (row) => (row.latencyMs === null ? '–' : formatLatency(row.latencyMs)),
  },
  since: { cell: (row) => <Ago at={row.since} /> },
  peer: { value: clientText, cell: (row) => <MachineText text={clientText(row) ?? '–'} /> },
  last_drop: {
    value: dropText,
    cell: (row) =>
      row.lastDrop === null ? (
        <span className={textStyles.faint}>none seen</span>
      ) : (
        <span title={visibleText(row.lastDrop.reason)}>
          <Ago at={row.lastDrop.at} />{' '}
          <span className={textStyles.sub}>{visibleText(row.lastDrop.reason)}</span>
        </span>
      ),
  },
};

function clientText({ peer, connectVersion }: PortRow): string | null {
  if (peer === null && connectVersion === null) return null;
  return [peer ?? '–', connectVersion].filter((part) => part !== null).join(' · ');
}

export function tunnelColumns(options: TunnelColumnOptions): readonly Column<PortRow>[] {
  const cells = tunnelCells(options);
  return portColumnsOnPage
    .filter((name) => options.withAppliance || name !== 'appliance')
    .map((name): Column<PortRow> => {
      const { value, page } = portColumns[name];
      return { id: name, value, cell: value, ...page, ...cells[name] };
    });
}

/** The columns of an export: all of them, in full, even if the table shows fewer. */
export const exportedColumns: readonly Column<PortRow>[] = exportedPortColumns.map(({ name, value }) => ({
  id: name,
  header: name,
  width: '1px',
  rank: 1,
  value,
  cell: value,
}));

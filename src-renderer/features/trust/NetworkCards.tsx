import { connectionSources, outboundKinds, type Trust } from '../../../src-shared/model/trust/trust.ts';
import { Card } from '../../ui/layout/Card.tsx';
import { MachineValue, Note, Row, Rows } from './Rows.tsx';
import text from '../../ui/text/text.module.css';

type Connection = Trust['connections']['list'][number];

function describeConnection({ local, protocol, remote, state }: Connection): string {
  const from = local ?? 'port not known';
  return remote === null ? `${protocol} ${from} ${state}` : `${protocol} ${from} → ${remote} ${state}`;
}

const portOf = (local: string | null) => local?.replace(/^.*:/u, '') ?? null;

const others = 'Not an open link to an appliance';
const page = 'This program’s own page';

/** Whose connection it is. A browser's connection to the page has the port on which the program listens. */
function nameOwner({ applianceName, local }: Connection, list: readonly Connection[]): string {
  if (applianceName !== null) return applianceName;
  const isPage = list.some((other) => other.state === 'listening' && portOf(other.local) === portOf(local));
  return isPage ? page : others;
}

const rankOf = (owner: string) => (owner === others ? 0 : owner === page ? 2 : 1);

/** What needs an explanation comes first, and the many connections of a browser last. */
function sortByOwner(list: readonly Connection[]): { owner: string; connection: Connection }[] {
  return list
    .map((connection) => ({ owner: nameOwner(connection, list), connection }))
    .toSorted(
      (one, other) => rankOf(one.owner) - rankOf(other.owner) || one.owner.localeCompare(other.owner),
    );
}

/** The open connections of this program. */
export function ConnectionsCard({ connections: { list, source } }: Pick<Trust, 'connections'>) {
  const { label, text: note } = connectionSources[source];
  return (
    <Card title="Open connections" label="Open connections" aside={<span className={text.sub}>{label}</span>}>
      <Note>{note}</Note>
      {list.length === 0 ? <p className={text.sub}>No open connections.</p> : null}
      <Rows label="Open connections of this program">
        {sortByOwner(list).map(({ connection, owner }) => (
          <Row key={describeConnection(connection)} name={owner}>
            <MachineValue>{describeConnection(connection)}</MachineValue>
          </Row>
        ))}
      </Rows>
    </Card>
  );
}

/** Everything that can leave this computer, by name, from the configuration. */
export function OutboundCard({ connectedWindow, outbound }: Pick<Trust, 'connectedWindow' | 'outbound'>) {
  return (
    <Card title="What leaves this computer" label="What leaves this computer">
      <Note>
        These destinations, by name, and nothing else: no update check, no telemetry, no fonts or scripts from
        elsewhere. On this computer, connected windows to a licence authority are {connectedWindow}.
      </Note>
      {outbound.length === 0 ? (
        <p className={text.sub}>No destinations yet: no appliance, no target and no destination of logs.</p>
      ) : null}
      <Rows label="Destinations">
        {outbound.map(({ kind, name, to }) => (
          <Row key={`${kind} ${name}`} name={name}>
            <span>
              {outboundKinds[kind].label}: <MachineValue>{to}</MachineValue>
            </span>
            <span className={text.sub}>{outboundKinds[kind].when}</span>
          </Row>
        ))}
      </Rows>
    </Card>
  );
}

import { adviseOn } from '../../src-shared/model/tunnels/advice.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import type { TunnelCode } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import type { Side } from '../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { changeTenant, showTenant } from '../remoteNetworks.ts';
import type { StockBox } from '../stockBox.ts';
import type { WatchedAppliance } from '../tenantSite.ts';
import { waitFor } from '../waitFor.ts';
import type { ClientKind } from './clientKinds.ts';
import type { FaultRow } from './faultRow.ts';
import type { MatrixNetwork, TunnelPath } from './matrixNetwork.ts';
import { createTunnelClient, type TunnelClient } from './tunnelClients.ts';

/** What the test shares: an appliance, a console that watches it, and a tenants' site. */
export type MatrixSetup = { appliance: StockBox; network: MatrixNetwork; watched: WatchedAppliance };

/** One fault with one client: a tenant of its own with a tunnel that was well before the fault began. */
export type MatrixCell = MatrixSetup & {
  kind: ClientKind;
  clientId: string;
  port: number;
  path: TunnelPath;
  client: TunnelClient;
  /** Prepares another client with the tenant's key at an address of its own. It forwards the tenant's second port. */
  addClient: () => Promise<TunnelClient>;
  /** From now on, the verdict is about the tunnel of this tenant. */
  watchTenant: (clientId: string) => void;
  tunnel: () => Tunnel | undefined;
  /** Tests the tunnels of the watched tenant. */
  probe: (isLarge: boolean) => Promise<unknown>;
  /** The PIDs of the tenant's sessions that the console last saw. */
  seenSessions: () => readonly number[];
  /** The PID in the box of the tenant's session. Rejects if it has none. */
  sessionPid: () => Promise<number>;
  /** Ends all clients. */
  stop: () => Promise<void>;
};

/** The verdict that a fault led to. `seconds` is the time from the fault to the verdict. */
export type Detection = { code: TunnelCode; side: Side; seconds: number };

/** The verdict about a tunnel of which nothing is wrong. Plain OpenSSH announces no service to test. */
export const wellCode = { connect: 'T-6000', autossh: 'T-6998', ssh: 'T-6998' } as const satisfies Record<
  ClientKind,
  TunnelCode
>;
/** Verdicts before the first test, and during it. */
const untested: readonly TunnelCode[] = ['T-4000', 'T-3004'];

/** Adds the tenant and prepares its client. Does not start it. */
export async function createCell(setup: MatrixSetup, row: FaultRow, kind: ClientKind): Promise<MatrixCell> {
  const { appliance, network, watched } = setup;
  const clientId = `${row.name}-${kind}`;
  const path = await network.addPath();
  await (row.service === 'smbd' ? path.startSmbServer() : path.behave('webdav'));
  const { privateKey = '', ports } = await changeTenant(appliance, 'add', clientId);
  const uri = `${row.scheme ?? 'webdav+http'}://${path.serviceHost}:${path.servicePort}/`;
  const names = row.repositories ?? ['files'];
  const port = ports[0]?.first ?? 0;
  const settings = { appliance, network, path, clientId, privateKey, port };
  const repositories = Object.fromEntries(names.map((name) => [name, uri]));
  const client = await createTunnelClient(kind, { ...settings, repositories });
  const clients = [client];
  let watchedId = clientId;
  return {
    ...setup,
    kind,
    clientId,
    port,
    path,
    client,
    addClient: async () => {
      const other = {
        ...settings,
        path: await network.addPath(),
        port: port + 1,
        repositories: { more: uri },
      };
      const added = await createTunnelClient(kind, other);
      clients.push(added);
      return added;
    },
    watchTenant: (id) => {
      watchedId = id;
    },
    probe: (isLarge) => watched.probe(watchedId, isLarge),
    stop: async () => {
      await Promise.all(clients.map((each) => each.stop()));
    },
    tunnel: () => {
      const tunnels = watched.tunnels(watchedId);
      return row.repositories === undefined
        ? (tunnels.find((tunnel) => tunnel.port === port) ?? tunnels[0])
        : tunnels.at(-1);
    },
    seenSessions: () => {
      const views = watched.services.fleet.tenants(watched.entry.id);
      const view = views.find(({ tenant }) => tenant.clientId === clientId);
      return view?.tenant.sessions.map(({ pid }) => pid) ?? [];
    },
    sessionPid: async () => {
      const [session] = (await showTenant(appliance, clientId)).sessions;
      if (session === undefined) throw new Error(`${clientId} has no session`);
      return session.pid;
    },
  };
}

function describeTunnel(cell: MatrixCell, seen: ReadonlySet<TunnelCode>): string {
  const layers = cell
    .tunnel()
    ?.layers.map(({ code, state, evidence }) => `${code ?? '?'} ${state} ${evidence}`);
  return [
    `${cell.clientId} is ${cell.tunnel()?.code ?? 'not listed'}, and was ${[...seen].join(', ')}`,
    ...(layers ?? []),
    cell.client.output(),
  ].join('\n');
}

/**
 * Waits for the verdict. If `isTested`, tests the tunnel again and again, because only a test can find the fault.
 * Rejects if any other verdict is seen that is not in `before`, or if it takes longer than `withinSeconds`.
 */
export async function waitForVerdict(
  cell: MatrixCell,
  expected: {
    code: TunnelCode;
    before: readonly TunnelCode[];
    isTested: boolean;
    isLarge?: boolean;
    isThere?: () => boolean;
    withinSeconds?: number;
  },
): Promise<Detection> {
  const beganAt = performance.now();
  const seen = new Set<TunnelCode>();
  const { isThere = () => true, isLarge = false, withinSeconds } = expected;
  const limitMs = withinSeconds === undefined ? undefined : withinSeconds * secondMs;
  let test: Promise<unknown> | null = null;
  try {
    const isReached = () => {
      const tunnel = cell.tunnel();
      if (tunnel === undefined) return false;
      if (tunnel.code === expected.code && isThere()) return true;
      seen.add(tunnel.code);
      if (tunnel.code !== expected.code && !expected.before.includes(tunnel.code))
        throw new Error('it is another fault');
      if (expected.isTested)
        test ??= cell
          .probe(isLarge)
          .catch(() => undefined)
          .finally(() => (test = null));
      return false;
    };
    await waitFor(`${cell.clientId} is ${expected.code}`, isReached, limitMs);
  } catch (cause) {
    throw new Error(`not ${expected.code}: ${describeTunnel(cell, seen)}`, { cause });
  }
  const seconds = (performance.now() - beganAt) / 1000;
  const tunnel = cell.tunnel();
  if (tunnel === undefined) throw new Error('it is gone');
  return { code: tunnel.code, side: adviseOn(tunnel, 'kiln').side, seconds };
}

/** Verdicts while a client starts: Connect opens its ports before it announces its repositories. */
const starting: readonly TunnelCode[] = ['T-3001', 'T-4003', 'T-6998'];

/** Starts the client and waits until its tunnel is well. */
export async function startWell(cell: MatrixCell): Promise<void> {
  cell.client.start();
  const before: TunnelCode[] = [...untested, ...starting];
  await waitForVerdict(cell, { code: wellCode[cell.kind], before, isTested: true });
}

/** Begins the fault of a tunnel that is well, and waits for its verdict. The fault goes on afterwards. */
export async function detectFault(
  cell: MatrixCell,
  row: FaultRow,
  begin: () => Promise<void>,
): Promise<Detection> {
  const expected = row.expected[cell.kind];
  if ('notApplicable' in expected) throw new Error(expected.notApplicable);
  const { session, isTested = false } = row;
  const old = session === undefined ? null : await cell.sessionPid();
  await begin();
  const before: TunnelCode[] = [...untested, wellCode[cell.kind], ...(row.before ?? [])];
  if (row.isFromStart === true) before.push(...starting);
  if (session === 'same') {
    // What the console saw before the fault proves nothing.
    await cell.watched.services.fleet.refresh([cell.watched.entry.id]);
    await cell.probe(false);
  }
  const isThere = () => {
    // Until the console has seen the old session end, its verdict is about that session.
    if (old !== null && cell.seenSessions().includes(old) !== (session === 'same')) return false;
    const { evidence } = row;
    return (
      evidence === undefined || cell.tunnel()?.layers.some((layer) => evidence.test(layer.evidence)) === true
    );
  };
  const { isLarge = false, withinSeconds } = row;
  return waitForVerdict(cell, { code: expected.code, before, isTested, isLarge, isThere, withinSeconds });
}

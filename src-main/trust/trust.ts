import type { PinnedHostKey, ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { auditEvents } from '../../src-shared/model/audit/auditEvents.ts';
import { desktopFuses } from '../../src-shared/model/trust/fuses.ts';
import type { TargetState } from '../../src-shared/model/notifications/targets.ts';
import type { Destination } from '../../src-shared/model/syslog/forward/destination.ts';
import { judgeLink } from '../../src-shared/model/trust/linkSecurity.ts';
import type { VaultState } from '../../src-shared/model/secrets/vault.ts';
import { describeSecretPlaces, type OpenConnection, type Trust } from '../../src-shared/model/trust/trust.ts';
import type { Audit } from '../audit/audit.ts';
import { readBuildRecord } from '../base/buildRecord.ts';
import { readBillHash } from '../base/shippedFiles.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { hopsOf } from '../links/hops.ts';
import type { Links } from '../links/links.ts';
import type { PolicyService } from '../policy/policy.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import { readOwnSockets } from './openConnections.ts';

/** How many records of accepting actions are searched: two for each of a thousand appliances, ten times **[ours]**. */
const maxRecords = 20_000;
const acceptingEvents = ['hostKey.accept', 'hostKey.replace', 'appliance.add', 'appliance.edit'] as const;

type Options = {
  host: 'desktop' | 'web';
  version: string;
  inventory: Pick<Inventory, 'list' | 'pinned'>;
  audit: Pick<Audit, 'events'>;
  links: Pick<Links, 'state'>;
  secrets: { state: () => Pick<VaultState, 'condition' | 'protection'> };
  targets: { list: () => readonly Pick<TargetState, 'target'>[] };
  forwarding: { list: () => readonly { destination: Destination }[] };
  openWindows: () => readonly { applianceName: string; host: string; port: number }[];
  policy: Pick<PolicyService, 'get'>;
  clock: () => number;
  readSockets?: typeof readOwnSockets;
};

/** Finds the label of the action that accepted a key, from the newest records that name it. */
function createAcceptances(audit: Options['audit']) {
  const records = audit.events(acceptingEvents, maxRecords);
  const byFingerprint = new Map<string, typeof records>();
  for (const record of records)
    for (const fingerprint of new Set(record.detail.match(/SHA256:[A-Za-z0-9+/]{43}/gu))) {
      const found = byFingerprint.get(fingerprint);
      if (found === undefined) byFingerprint.set(fingerprint, [record]);
      else found.push(record);
    }
  return ({ fingerprint, pinnedAt }: PinnedHostKey): string | null => {
    const found = byFingerprint.get(fingerprint)?.find(({ at }) => at <= pinnedAt);
    return found === undefined ? null : auditEvents[found.event].label;
  };
}

function describeLink(state: LinkState): Trust['appliances'][number]['link'] {
  if (state.state !== 'connected') return null;
  const { serverPostQuantum, ...algorithms } = state.algorithms;
  const { postQuantum, text, tone } = judgeLink(state.algorithms);
  return {
    ...algorithms,
    serverSoftware: state.serverSoftware,
    offeredPostQuantum: serverPostQuantum ?? null,
    postQuantum,
    tone: tone === 'ok' ? 'ok' : 'warn',
    judgement: text,
  };
}

/**
 * The appliance to whose first host a socket leads, while its link is not up and so its port is not known. Null if that may be
 * several, or if the host is known by a name only.
 */
function findByAddress(
  entries: readonly ApplianceEntry[],
  { protocol, remote }: Pick<OpenConnection, 'protocol' | 'remote'>,
): string | null {
  if (protocol !== 'tcp' || remote === null) return null;
  const [found, ...rest] = entries.filter((entry) => {
    const { host, port } = hopsOf(entry)[0] ?? entry.target;
    return remote === `${host.includes(':') ? `[${host}]` : host}:${port}`;
  });
  return found === undefined || rest.length > 0 ? null : found.name;
}

/** Collects what a security officer asks about this program. Connects to nothing. */
export function createTrust(options: Options) {
  const { audit, inventory, links, readSockets = readOwnSockets } = options;

  function describeAppliances(entries: readonly ApplianceEntry[]): Trust['appliances'] {
    const findAcceptance = createAcceptances(audit);
    return entries.map((entry) => ({
      name: entry.name,
      hops: hopsOf(entry).map((target) => {
        const pin = inventory.pinned(target);
        return {
          hop: hopNameOf(target),
          isJumpHost: target !== entry.target,
          key:
            pin === null
              ? null
              : {
                  type: pin.type,
                  fingerprint: pin.fingerprint,
                  acceptedAt: pin.pinnedAt,
                  acceptedBy: pin.pinnedBy,
                  how: findAcceptance(pin),
                },
        };
      }),
      link: describeLink(links.state(entry.id)),
    }));
  }

  function listConnections(entries: readonly ApplianceEntry[]): Trust['connections'] {
    const up = entries.flatMap((entry) => {
      const state = links.state(entry.id);
      return state.state === 'connected' ? { entry, localPort: state.localPort } : [];
    });
    const sockets = readSockets();
    if (sockets !== null)
      return {
        source: 'system',
        list: sockets.map(({ localPort, ...socket }): OpenConnection => {
          const owner = up.find((link) => socket.protocol === 'tcp' && link.localPort === localPort);
          return { ...socket, applianceName: owner?.entry.name ?? findByAddress(entries, socket) };
        }),
      };
    return {
      source: 'program',
      list: up.map(({ entry, localPort }) => ({
        protocol: 'tcp',
        local: localPort === undefined ? null : `port ${localPort}`,
        remote: hopNameOf(hopsOf(entry)[0] ?? entry.target),
        state: 'established',
        applianceName: entry.name,
      })),
    };
  }

  function listOutbound(entries: readonly ApplianceEntry[]): Trust['outbound'] {
    return [
      ...entries.map((entry) => ({
        kind: 'ssh' as const,
        name: entry.name,
        to: hopsOf(entry).map(hopNameOf).join(', then '),
      })),
      ...options.targets.list().map(({ target: { address, addressFile, kind, name } }) => ({
        kind: 'notifications' as const,
        name,
        to: [kind, addressFile === null ? address : `address in ${addressFile}`].join(' ').trim(),
      })),
      ...options.forwarding.list().map(({ destination: { address, kind, name } }) => ({
        kind: 'logs' as const,
        name,
        to: `${kind} ${address}`,
      })),
      ...options.openWindows().map(({ applianceName, host, port }) => ({
        kind: 'authority' as const,
        name: applianceName,
        to: `${host}:${port}`,
      })),
    ];
  }

  // Constant while the program runs; in a checkout, git is asked for it.
  let program: { build: ReturnType<typeof readBuildRecord>; billSha256: string | null } | null = null;
  const readProgram = () => (program ??= { build: readBuildRecord(), billSha256: readBillHash() });

  return {
    read: (): Trust => {
      const entries = inventory.list();
      const { billSha256, build } = readProgram();
      return {
        seenAt: new Date(options.clock()).toISOString(),
        program: {
          version: options.version,
          commit: build?.commit ?? null,
          committedAt: build === null ? null : new Date(build.committedAt).toISOString(),
          modified: build?.modified ?? null,
          billSha256,
        },
        appliances: describeAppliances(entries),
        secrets: describeSecretPlaces(options.secrets.state()),
        fuses:
          options.host === 'desktop'
            ? Object.entries(desktopFuses).map(([name, { isOn, text }]) => ({ name, isOn, text }))
            : null,
        connections: listConnections(entries),
        outbound: listOutbound(entries),
        connectedWindow: options.policy.get().connectedWindow,
      };
    },
  };
}

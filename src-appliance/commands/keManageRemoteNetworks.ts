import { describeHolder } from '../../src-shared/model/tunnels/portHolders.ts';
import { countPorts, formatRanges, rangeSize } from '../../src-shared/model/tenants/ports.ts';
import { maxTenantKeys } from '../../src-shared/model/tenants/listLimits.ts';
import {
  type Forward,
  type RemoteNetworks,
  type TenantChange,
} from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Appliance } from '../core/appliance.ts';
import { readPublicKeyFile } from '../core/tenants/publicKey.ts';
import { readArguments, readBasis, readClientId, readCount, readWholeNumber, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';
import { logAttempt } from './logAttempt.ts';

const remoteNetworksProgram = 'ke_manage_remote_networks';

const basisUsage = '[--unchanged-since INSTANT|none]';
/** The largest process ID that Linux allows (PID_MAX_LIMIT). */
const maxPid = 4_194_304;

function formatCount(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Each verb loads only what it needs, so that it starts quickly. */
type Verb = KeCommand;
const loadTenants = () => import('../core/tenants/tenants.ts');

/** Lists the effects of a change for the log. Leaves out effects that the change doesn't have. */
function listEffects(change: TenantChange): string[] {
  const { action, quota, validKeys, endedSessions, givenUp = [] } = change;
  const ranges = formatRanges(change.ports);
  const ports = `${countPorts(change.ports) === 1 ? 'port' : 'ports'} ${ranges}`;
  return [
    action === 'key-added' && validKeys !== undefined ? formatCount(validKeys, 'valid key') : '',
    ranges === '' ? '' : quota === 0 ? `keeps ${ports}` : `quota ${quota}, ${ports}`,
    givenUp.length === 0 ? '' : `released ${formatRanges(givenUp)}`,
    endedSessions === 0 ? '' : `${formatCount(endedSessions, 'session')} ended`,
  ].filter((fact) => fact !== '');
}

function describeChange(subject: string, facts: readonly string[]): string {
  return facts.length === 0 ? subject : `${subject}: ${facts.join(', ')}`;
}

/**
 * Runs a change and logs it in the syslog with its caller, also if it is refused. Logs fingerprints only,
 * never key material.
 */
function runLogged(
  appliance: Appliance,
  attempt: { what: string; work: () => Promise<TenantChange> },
): Promise<TenantChange> {
  return logAttempt(appliance, {
    ...attempt,
    program: remoteNetworksProgram,
    describe: (change) => {
      const subject = `${change.action} ${change.clientId} (${attempt.what}) by ${appliance.caller}`;
      const key = change.fingerprint === null ? [] : [`key ${change.fingerprint}`];
      return describeChange(subject, [...listEffects(change), ...key]);
    },
  });
}

function describe(change: TenantChange): string {
  return describeChange(`${change.action} ${change.clientId}`, listEffects(change));
}

/** Tells the user that the tenant already existed, because the user may have meant to add a new tenant. */
function existingTenantNote({ clientId, quota, validKeys = 0 }: TenantChange): string {
  const state = quota === 0 ? ' It is suspended and can’t log in until it is resumed.' : '';
  return `${clientId} already exists. The new key was added to its existing keys, which makes ${validKeys} valid keys (at most ${maxTenantKeys}). To replace the old keys, add -f.${state}`;
}

const add: Verb = async ({ words, appliance, stdin, print }) => {
  const {
    words: rest,
    flags,
    values,
  } = readArguments(words, {
    flags: ['force'],
    values: ['pub-key', 'overlap', 'unchanged-since'],
  });
  const [word, ...tooMany] = rest;
  if (word === undefined || tooMany.length > 0)
    throw usage(
      `usage: ${remoteNetworksProgram} add CLIENT_ID [--pub-key PATH|-] [-f [--overlap HOURS]] ${basisUsage} [--json]`,
    );
  const clientId = readClientId(word);
  const basis = readBasis(values.get('unchanged-since'));
  const overlap = values.get('overlap');
  if (overlap !== undefined && !flags.has('force')) throw usage('--overlap needs -f');
  const { addTenant, maxOverlapHours } = await loadTenants();
  const overlapHours =
    overlap === undefined
      ? undefined
      : readWholeNumber(overlap, { what: 'HOURS', least: 1, most: maxOverlapHours });
  const path = values.get('pub-key');
  const change = await runLogged(appliance, {
    what: `add ${clientId}${overlap === undefined ? '' : ` with ${overlap} h of overlap`}`,
    work: async () => {
      const publicKey = path === undefined ? null : await readPublicKeyFile(path, stdin);
      return addTenant(appliance, {
        clientId,
        publicKey,
        replace: flags.has('force'),
        overlapHours,
        basis,
      });
    },
  });
  if (change.action === 'key-added') print.note(existingTenantNote(change));
  if (flags.has('json')) return print.json(change);
  // Print only the private key, so that `add NAME > key` writes a usable file [doc].
  print.line(change.privateKey?.trimEnd() ?? describe(change));
};

const change: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags, values } = readArguments(words, { values: ['unchanged-since'] });
  const [count, word, ...tooMany] = rest;
  if (count === undefined || word === undefined || tooMany.length > 0)
    throw usage(`usage: ${remoteNetworksProgram} change NUM CLIENT_ID ${basisUsage} [--json]`);
  const quota = readCount(count, rangeSize(appliance.config.portRange));
  const clientId = readClientId(word);
  const basis = readBasis(values.get('unchanged-since'));
  const { changeTenant } = await loadTenants();
  const done = await runLogged(appliance, {
    what: `change ${quota} ${clientId}`,
    work: () => changeTenant(appliance, { clientId, quota, basis }),
  });
  if (flags.has('json')) return print.json(done);
  print.line(describe(done));
};

const remove: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags, values } = readArguments(words, { values: ['unchanged-since'] });
  const [word, ...tooMany] = rest;
  if (word === undefined || tooMany.length > 0)
    throw usage(`usage: ${remoteNetworksProgram} remove CLIENT_ID ${basisUsage} [--json]`);
  const clientId = readClientId(word);
  const basis = readBasis(values.get('unchanged-since'));
  const { removeTenant } = await loadTenants();
  const done = await runLogged(appliance, {
    what: `remove ${clientId}`,
    work: () => removeTenant(appliance, { clientId, basis }),
  });
  if (flags.has('json')) return print.json(done);
  print.line(describe(done));
};

const release: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags, values } = readArguments(words, { values: ['pid', 'unchanged-since'] });
  const [portWord, word, ...tooMany] = rest;
  const pidWord = values.get('pid');
  if (portWord === undefined || word === undefined || pidWord === undefined || tooMany.length > 0)
    throw usage(`usage: ${remoteNetworksProgram} release PORT --pid PID CLIENT_ID ${basisUsage} [--json]`);
  const { first, last } = appliance.config.portRange;
  const port = readWholeNumber(portWord, { what: 'PORT', least: first, most: last });
  const pid = readWholeNumber(pidWord, { what: 'PID', least: 2, most: maxPid });
  const clientId = readClientId(word);
  const basis = readBasis(values.get('unchanged-since'));
  const { releasePort } = await import('../core/tenants/tenantRelease.ts');
  const done = await runLogged(appliance, {
    what: `release ${port} --pid ${pid} ${clientId}`,
    work: () => releasePort(appliance, { clientId, port, pid, basis }),
  });
  if (flags.has('json')) return print.json(done);
  print.line(describe(done));
};

const list: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags } = readArguments(words, {});
  const [word, ...tooMany] = rest;
  if (tooMany.length > 0) throw usage(`usage: ${remoteNetworksProgram} list [CLIENT_ID] [--json]`);
  const { listTenants } = await import('../core/tenants/tenantList.ts');
  const networks = await listTenants(appliance, word === undefined ? null : readClientId(word));
  if (flags.has('json')) return print.json(networks);
  printTenants(networks, print.line);
};

function printTenants(networks: RemoteNetworks, line: (text: string) => void): void {
  if (networks.listenAddress !== undefined)
    line(`cluster member: forwards listen on loopback and on ${networks.listenAddress}`);
  for (const { reason, count, lastAt } of networks.applianceRefusals ?? [])
    line(`the appliance refuses tenants: ${reason}, ${count} times, last ${lastAt}`);
  if (networks.forwardingOff !== undefined)
    line(`sshd permits tenants no forward: ${networks.forwardingOff}`);
  for (const refused of networks.refusedLogIns) {
    const { keyOf, formerKeyOf } = refused;
    const former = formerKeyOf === null ? '' : `, formerly the key of ${formerKeyOf}`;
    line(
      `refused ${refused.keyType} ${refused.fingerprint} from ${refused.peerAddress}, ${refused.count} times, last ${refused.lastAt}${keyOf === null ? former : `, the key of ${keyOf}`}`,
    );
  }
  for (const tenant of networks.tenants) {
    const state = tenant.suspended ? 'suspended' : `${tenant.sessions.length} sessions`;
    line(`${tenant.clientId}  quota ${tenant.quota}  ports ${formatRanges(tenant.ports)}  ${state}`);
    for (const key of tenant.keys)
      line(
        `  key ${key.type} ${key.fingerprint} since ${key.addedAt}${key.expiresAt === null ? '' : ` until ${key.expiresAt}`}`,
      );
    for (const session of tenant.sessions)
      line(
        `  session sshd ${session.pid} ${session.connectVersion === null ? 'plain ssh' : `Connect ${session.connectVersion}`} from ${session.peerAddress ?? 'unknown'} since ${session.since}${session.silentSince === null ? '' : ` silent since ${session.silentSince}`}${session.isOrphaned === true ? ' without its monitor process' : ''}`,
      );
    for (const forward of tenant.forwards)
      line(
        `  port ${forward.port} ${listeningText(networks, forward)}${forward.uri === null ? '' : ` ${forward.group ?? ''}/${forward.repository ?? ''} ${forward.uri}`}`,
      );
    for (const { group, repository, uri } of tenant.unplaced)
      line(`  no port left for ${group}/${repository} ${uri}`);
  }
}

function listeningText({ listenAddress }: RemoteNetworks, forward: Forward): string {
  const { listener, memberListener } = forward;
  const found = [listener, memberListener].flatMap((one) => (one == null ? [] : [one.address]));
  if (found.length === 0) return 'not listening';
  const missing = listenAddress === undefined || memberListener != null ? '' : `, not on ${listenAddress}`;
  const held = [listener, forward.rival].flatMap((one) =>
    one?.holder === undefined ? [] : [`, ${one.address} held by ${describeHolder(one)}`],
  );
  return `listening on ${[...new Set(found)].join(' and ')}${missing}${held.join('')}`;
}

const groupKey: Verb = async (call) => {
  const { groupKeys } = await import('./groupKeys.ts');
  await groupKeys(call);
};

const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({ add, list, change, remove, release, 'group-key': groupKey }),
);

export const keManageRemoteNetworks: KeCommand = async (call) => {
  const [name, ...words] = call.words;
  const verb = verbs.get(name ?? '');
  if (verb === undefined)
    throw usage(`usage: ${remoteNetworksProgram} ${[...verbs.keys()].join('|')} … [--json]`);
  await verb({ ...call, words });
};

import type { Diagnosis } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import { AppError } from '../../src-shared/errors.ts';
import { syslogPath } from '../../src-shared/model/appliance/applianceStatus.ts';
import { adviseOn, customerText } from '../../src-shared/model/tunnels/advice.ts';
import { findApplianceRefusal } from '../../src-shared/model/tunnels/applianceRefusal.ts';
import type { Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { selectProofLines, type LogLine } from '../../src-shared/model/tunnels/proof.ts';
import { findRefusedForward } from '../../src-shared/model/tunnels/refusedForward.ts';
import { findRefusedLogin } from '../../src-shared/model/tunnels/refusedLogins.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { ApplianceLog } from './applianceLog.ts';

/** Longer lines are cut for a diagnosis. A line may be 64 kB long, but the useful part is at its start. */
const maxText = 2_000;

function unreadableSentence(thrown: unknown): string {
  if (thrown instanceof AppError && thrown.code === 'LOG_UNREADABLE') return thrown.message;
  return `The log can’t be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}

/**
 * Returns log lines that prove the diagnosis, or why the log can't be read. The diagnosis itself needs no
 * log.
 */
async function findProof(input: {
  fleet: Pick<Fleet, 'remoteNetworks' | 'known'>;
  log: ApplianceLog;
  view: TenantView;
  tunnel: Tunnel;
}): Promise<Pick<Diagnosis, 'lines' | 'linesFrom' | 'linesError' | 'refusedForward'>> {
  const { fleet, view, tunnel } = input;
  const path = syslogPath(fleet.known(view.applianceId).status?.value ?? null);
  const networks = fleet.remoteNetworks(view.applianceId)?.value;
  const refused = findRefusedLogin({
    tenant: view.tenant,
    tenants: networks?.tenants ?? [],
    refusedLogIns: networks?.refusedLogIns ?? [],
  });
  const byAppliance = findApplianceRefusal(view.tenant, networks?.applianceRefusals ?? []);
  const refusals = [refused?.login ?? [], byAppliance ?? []].flat();
  const refusedLines = refusals.map(({ line }) => line).filter((line) => line !== '');
  let lines: LogLine[];
  try {
    lines = await input.log.read(view.applianceId, path, refusedLines);
  } catch (thrown) {
    return {
      lines: [],
      linesFrom: null,
      linesError: unreadableSentence(thrown),
      refusedForward: null,
    };
  }
  const proof = selectProofLines({
    code: tunnel.code,
    port: tunnel.port,
    tenant: view.tenant,
    refused: refusals,
    lines,
  });
  return {
    lines: proof.map(({ text, parsed }) => ({ time: parsed.time, text: text.slice(0, maxText) })),
    linesFrom: lines.find((line) => line.parsed.time !== null)?.parsed.time ?? null,
    linesError: null,
    refusedForward: findRefusedForward(lines, view.tenant),
  };
}

export async function diagnose(input: {
  fleet: Pick<Fleet, 'remoteNetworks' | 'known'>;
  log: ApplianceLog;
  view: TenantView;
  tunnel: Tunnel;
}): Promise<Diagnosis> {
  const { view, tunnel } = input;
  const proof = await findProof(input);
  const advice = adviseOn(tunnel, view.applianceName, proof.refusedForward);
  const layer = tunnel.layers.find((one) => one.state !== 'ok' && one.code === tunnel.code) ?? null;
  return {
    layer,
    ...advice,
    forCustomer: customerText(tunnel, proof.refusedForward),
    ...proof,
  };
}

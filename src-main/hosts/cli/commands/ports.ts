import type { Capacity } from '../../../../src-shared/contract/ports.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { portsCsv } from '../../../../src-shared/model/tunnels/portColumns.ts';
import { needsAttention, worstTunnel } from '../../../../src-shared/model/tunnels/tone.ts';
import { diagnosisText, nextCommand } from './diagnosis.ts';
import { testBefore } from './testBefore.ts';
import { portTable } from './portTable.ts';
import { formatTable } from '../output.ts';
import {
  pollAppliances,
  findAppliance,
  noAppliancesText,
  whileFollowing,
  withConsole,
  type Globals,
} from '../withConsole.ts';
import { watchPorts } from './watchPorts.ts';

export function listPorts(
  globals: Globals,
  request: { name: string | undefined; watch: boolean; csv: boolean },
): Promise<number> {
  const { output } = globals;
  if (request.csv && (request.watch || output.json))
    throw new AppError('INVALID_INPUT', '--csv can’t be combined with --watch or --json.');
  return withConsole(globals, async (services) => {
    const entry = request.name === undefined ? null : findAppliance(services, request.name);
    const entries = entry === null ? services.inventory.list() : [entry];
    const list = () => services.ports.list(entry?.id ?? null);
    if (request.watch) {
      const applianceIds = entry === null ? 'all' : [entry.id];
      await watchPorts(services, { applianceIds, list, output });
      return 0;
    }
    const { exitCode } = await pollAppliances(services, entries, output);
    const rows = list();
    if (request.csv) output.line(rows, () => portsCsv(rows));
    else
      output.print(rows, (paint) =>
        entries.length === 0 ? noAppliancesText : portTable(rows, paint) || 'No tenants.',
      );
    return exitCode;
  });
}

function capacityTable(capacities: readonly Capacity[]): string {
  const quotas = capacities[0]?.room.map((room) => room.quota) ?? [];
  return formatTable(
    ['APPLIANCE', 'PORTS', 'ALLOCATED', 'LISTENING', 'IDLE', 'TENANTS', 'LARGEST BLOCK'].concat(
      quotas.map((quota) => `TENANTS THAT FIT AT ${quota}`),
      ['GROWTH/MONTH', 'RUNS OUT', 'GRACE PERIOD ENDS'],
    ),
    capacities.map((capacity) => [
      capacity.applianceName,
      capacity.ports,
      capacity.allotted,
      capacity.listening,
      capacity.idle,
      capacity.tenants,
      capacity.largestFreeBlock,
      ...capacity.room.map((room) => room.tenants),
      capacity.growthPerMonth,
      capacity.runsOutAt?.slice(0, 10),
      capacity.licenceState === 'not-required'
        ? licenceStates[capacity.licenceState].label
        : capacity.licenceEndsAt?.slice(0, 10),
    ]),
  );
}

export function printCapacity(globals: Globals, name: string | undefined): Promise<number> {
  return withConsole(globals, async (services) => {
    const entries = name === undefined ? services.inventory.list() : [findAppliance(services, name)];
    const { exitCode } = await pollAppliances(services, entries, globals.output);
    const capacities = entries.flatMap((entry) => services.ports.capacity(entry.id));
    globals.output.print(capacities, () =>
      entries.length === 0 ? noAppliancesText : capacityTable(capacities),
    );
    return exitCode;
  });
}

export function printDiagnosis(
  globals: Globals,
  request: { name: string; clientId: string; port: number | null; customer: boolean; test: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, request.name);
    const { exitCode } = await pollAppliances(services, [entry], globals.output);
    return whileFollowing(services, entry, async () => {
      const { clientId } = request;
      const tested = { applianceId: entry.id, clientId, port: request.port };
      const test = await testBefore(services.prober, tested, request.test);
      const views = services.ports.tenants(entry.id);
      const tenantView = views.find((candidate) => candidate.tenant.clientId === request.clientId);
      if (tenantView === undefined && exitCode !== 0 && views.length === 0) return exitCode;
      if (tenantView === undefined)
        throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(request.clientId)}.`);
      // If the user names no port, diagnose the tunnel with the worst state.
      const port = request.port ?? worstTunnel(tenantView.tunnels)?.port ?? null;
      const place = { ...tested, port };
      const { view, tunnel } = services.ports.detail(place);
      const diagnosis = await services.ports.diagnose(place);
      if (request.customer) {
        globals.output.print({ forCustomer: diagnosis.forCustomer }, () => diagnosis.forCustomer);
        return exitCode;
      }
      const others = view.tunnels.filter((other) => other !== tunnel && needsAttention(other.tone));
      const command = nextCommand({ applianceName: entry.name, tenant: view.tenant, tunnel });
      const answer = { tunnel, others, diagnosis, command, test };
      globals.output.print(answer, () => diagnosisText({ applianceName: entry.name, ...answer }));
      return exitCode;
    });
  });
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { countPorts } from '../../../src-shared/model/tenants/ports.ts';
import type { ConnectYamlContext } from '../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { useConsole } from '../../rpc/client.tsx';
import { useAppliances, useTenants } from '../fleet/queries.ts';

/** The fleet's facts about the site of a connect.yaml. */
export function useKnownPlace(applianceId: string | null, clientId: string | null) {
  const { queries } = useConsole();
  const view = useAppliances().find(({ entry }) => entry.id === applianceId) ?? null;
  const tenants = useTenants({ applianceId, enabled: applianceId !== null }).data?.tenants ?? [];
  const own = applianceId === null ? [] : tenants.filter((one) => one.applianceId === applianceId);
  const explanation = useQuery(
    queries.appliances.explain.queryOptions({
      input: { id: applianceId ?? '' },
      enabled: applianceId !== null,
    }),
  );
  const tenant = own.find((one) => one.tenant.clientId === clientId)?.tenant ?? null;
  const target = view?.entry.target;
  const pin = explanation.data?.hostKeys.find(
    ({ host, port }) => host === target?.host && port === target.port,
  );
  const context: ConnectYamlContext = {
    applianceVersion: view?.status?.value.versions.appliance ?? null,
    connectVersion:
      tenant?.sessions.find(({ connectVersion }) => connectVersion !== null)?.connectVersion ?? null,
    allottedPorts: tenant === null || tenant.suspended ? null : countPorts(tenant.ports),
    // Behind a load balancer any member may answer. Only an ed25519 key is certain to be offered.
    hostKey: pin?.type === 'ssh-ed25519' && view?.entry.cluster === '' ? pin.fingerprint : null,
  };
  return { context, clientIds: own.map((one) => one.tenant.clientId) };
}

export function useHandOver() {
  const { queries } = useConsole();
  return useMutation(queries.tenants.handOver.mutationOptions({ meta: { errorShown: 'in-place' } }));
}

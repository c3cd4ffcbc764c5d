import { useCallback } from 'react';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { useNavigateTo } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { notify } from '../../ui/feedback/notify.ts';
import type { RowAction } from '../../ui/table/RowMenu.tsx';
import { openCodeHelp } from '../codes/CodeLink.tsx';
import { useMay } from '../system/queries.ts';
import { openBulk } from './bulk/bulkRequest.ts';
import { useTenantChanges } from './changes/index.ts';
import { useProbe } from './mutations.ts';

type TunnelName = Pick<PortRow, 'applianceId' | 'applianceName' | 'clientId' | 'port'>;

/** Tests one tunnel and shows the result in a toast. */
export function useTestNow(): (tunnel: TunnelName) => void {
  const { mutate } = useProbe();
  return useCallback(
    ({ applianceId, clientId, port }) => {
      const title = `${clientId}:${port}`;
      mutate(
        { applianceId, clientId, port },
        {
          onSuccess: ({ probed, ok }) =>
            notify({
              title:
                probed === 0
                  ? `${title} has no open tunnel to test`
                  : `${title} tested: ${ok > 0 ? 'OK' : 'not OK'}`,
              tone: ok > 0 ? 'ok' : 'warn',
            }),
          onError: (thrown) =>
            notify({
              title: `${title} couldn’t be tested`,
              text: visibleText(toErrorData(thrown).message),
              tone: 'bad',
            }),
        },
      );
    },
    [mutate],
  );
}

/** The actions in the menu of a tunnel’s row, besides copying. */
export function useTunnelActions(placeOf: (row: PortRow, port: number | null) => string) {
  const navigateTo = useNavigateTo();
  const testNow = useTestNow();
  const changes = useTenantChanges();
  const mayChange = useMay('operator');
  return (row: PortRow): RowAction[] => {
    const { applianceId, applianceName, clientId, port, suspended, code } = row;
    const tenant = { applianceId, applianceName, clientId };
    const change = (kind: 'suspend' | 'resume' | 'rotate') => (): void =>
      openBulk({ kind, tenants: [tenant] });
    const actions: RowAction[] = [
      { text: `Open tenant ${clientId}`, run: () => navigateTo(placeOf(row, null)) },
      {
        text: `Syslog of ${clientId}`,
        run: () => navigateTo(places.applianceSyslog(applianceName, { q: clientId })),
      },
      { text: `What ${code} means`, run: () => openCodeHelp(code) },
    ];
    if (!mayChange) return actions;
    return [
      ...actions,
      ...(port === null ? [] : [{ text: 'Test now', run: () => testNow(row) }]),
      {
        text: 'Create handover pack…',
        run: () => changes?.open({ at: 'dialog', kind: 'hand-over', tenant }),
      },
      ...(suspended
        ? [{ text: `Resume ${clientId}…`, run: change('resume') }]
        : [
            { text: `Rotate key of ${clientId}…`, run: change('rotate') },
            { text: `Suspend ${clientId}…`, run: change('suspend'), isDanger: true },
          ]),
    ];
  };
}

import type { Destination } from '../src-shared/model/syslog/forward/destination.ts';
import { systemClock } from '../src-shared/base/clock.ts';
import { openStore } from '../src-main/store/store.ts';
import { createDestinationRows } from '../src-main/syslog/forward/destinationRows.ts';
import { createForwarder, type ForwardState } from '../src-main/syslog/forward/forwarder.ts';
import type { LogSender } from '../src-main/syslog/forward/sender.ts';
import { openFilledLogs } from './filledLogs.ts';

const id = '2f3c9d0e-1111-4222-8333-123456789abc';

export function aDestination(
  fields: Pick<Destination, 'kind' | 'address'> & Partial<Destination>,
): Destination {
  return {
    id,
    name: 'archive',
    caFile: null,
    certificateFile: null,
    keyFile: null,
    tokenFile: null,
    lokiTenant: null,
    applianceIds: null,
    ...fields,
  };
}

/** Kept lines of the appliance `kiln`, and one destination with its positions in a real store. */
export function openForwardedLogs() {
  const logs = openFilledLogs();
  const store = openStore({ folder: logs.folder });
  const rows = createDestinationRows({ store });

  return {
    ...logs,
    rows,
    counts: () => rows.list().map(({ sent, missed, refused }) => ({ sent, missed, refused }))[0],
    /** A forwarder to the destination, which is added if it is new. */
    forwarder: (destination: Destination, sender: LogSender) => {
      if (rows.list().length === 0) rows.add(destination, []);
      const states: ForwardState[] = [];
      const forwarder = createForwarder({
        destinationId: destination.id,
        rows,
        engine: () => logs.engine,
        appliances: () => [{ id: 'kiln', name: 'kiln-01' }],
        sender,
        clock: systemClock,
        onState: (state) => states.push(state),
      });
      return { ...forwarder, states };
    },
    close: async () => {
      store.close();
      await logs.close();
    },
  };
}

export type ForwardedLogs = ReturnType<typeof openForwardedLogs>;

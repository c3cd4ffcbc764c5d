import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import {
  destinationKinds,
  type Destination,
  type DestinationKind,
} from '../../../../src-shared/model/syslog/forward/destination.ts';
import type { ForwardState } from '../../../syslog/forward/forwarder.ts';
import { formatTable, formatValue } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, updateLogs } from './keptLines.ts';

export type AddedDestination = {
  name: string;
  kind: DestinationKind;
  address: string;
  appliance: string[];
  caFile?: string;
  certificate?: string;
  key?: string;
  tokenFile?: string;
  lokiTenant?: string;
  fromNow: boolean;
};

const stateText = (state: ForwardState | null) =>
  state === null
    ? 'not running'
    : `${state.phase}${state.problem === null ? '' : `: ${state.problem.message}`}`;

/** Adds a destination, and says what its protocol can't confirm. */
export function addDestination(globals: Globals, request: AddedDestination): Promise<number> {
  return withConsole(globals, async (services) => {
    const { kind, address, name, appliance } = request;
    const destination = await services.forwarding.add(
      {
        name,
        kind,
        address,
        caFile: request.caFile ?? null,
        certificateFile: request.certificate ?? null,
        keyFile: request.key ?? null,
        tokenFile: request.tokenFile ?? null,
        lokiTenant: request.lokiTenant ?? null,
        applianceIds:
          appliance.length === 0 ? null : chooseAppliances(services, appliance).map(({ id }) => id),
      },
      request.fromNow,
    );
    const { label, guarantee, isConfirmed } = destinationKinds[kind];
    globals.output.print({ ...destination, isConfirmed, guarantee }, () => `${name}: ${label}. ${guarantee}`);
    return exitCodes.done;
  });
}

/** Lists destinations with what they have. */
export function listDestinations(globals: Globals): Promise<number> {
  return withConsole(globals, ({ forwarding }) => {
    const items = forwarding.list().map(({ destination, sent, missed, refused }) => {
      const { isConfirmed, guarantee } = destinationKinds[destination.kind];
      return { ...destination, sent, missed, refused, isConfirmed, guarantee };
    });
    globals.output.print(items, () =>
      items.length === 0
        ? 'No destinations yet. Add one: sallyport syslog forward add NAME KIND ADDRESS'
        : formatTable(
            ['Name', 'Kind', 'Address', 'Sent', 'Missed', 'Refused', 'Confirmed'],
            items.map((item) => [
              item.name,
              item.kind,
              item.address,
              item.sent,
              item.missed,
              item.refused,
              item.isConfirmed ? 'yes' : 'no',
            ]),
          ),
    );
    return exitCodes.done;
  });
}

export function removeDestination(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async ({ forwarding }) => {
    await forwarding.remove(name);
    globals.output.print(
      { removed: name },
      () => `${formatValue(name)} was removed. What it received stays there.`,
    );
    return exitCodes.done;
  });
}

/** Sends kept lines to destinations until it is stopped, or once. */
export function runForwarding(
  globals: Globals,
  request: { names: readonly string[]; once: boolean; offline: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { forwarding, inventory, links } = services;
    const destinations: Destination[] =
      request.names.length === 0
        ? forwarding.list().map(({ destination }) => destination)
        : request.names.map(forwarding.find);
    if (destinations.length === 0)
      throw new AppError(
        'INVALID_INPUT',
        'There are no destinations; add one: sallyport syslog forward add.',
      );
    const { output } = globals;
    const { signal } = stopSignal();
    const stopListening = forwarding.onState(({ name }, state) =>
      output.line({ name, ...state }, () => `${name}: ${formatValue(stateText(state))}`),
    );
    try {
      if (request.once) {
        if (!request.offline) await updateLogs(globals, services, inventory.list(), signal);
        await forwarding.runOnce(destinations, signal);
        return exitCodes.done;
      }
      const release = request.offline ? () => undefined : links.hold('all');
      try {
        await forwarding.run(destinations, signal);
      } finally {
        release();
      }
      return exitCodes.done;
    } finally {
      stopListening();
    }
  });
}

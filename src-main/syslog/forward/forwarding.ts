import { randomUUID } from 'node:crypto';
import { AppError } from '../../../src-shared/errors.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import {
  destinationSchema,
  readDestinationAddress,
  type Destination,
} from '../../../src-shared/model/syslog/forward/destination.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Store } from '../../store/store.ts';
import { logSourceSchema } from '../follow/logSource.ts';
import type { KeptLogs } from '../kept/keptLogs.ts';
import { createWriterLock } from '../store/writerLock.ts';
import { createDestinationRows } from './destinationRows.ts';
import { createForwarder, type ForwardState } from './forwarder.ts';
import type { LogSender } from './sender.ts';

const loadHttpSender = async () => (await import('./senders/httpSender.ts')).createHttpSender;
/** Each loads its protocol, which other commands do not need. */
const senders = {
  syslog: async () => (await import('./senders/syslogSender.ts')).createSyslogSender,
  relp: async () => (await import('./senders/relpSender.ts')).createRelpSender,
  otlp: loadHttpSender,
  loki: loadHttpSender,
} satisfies Record<Destination['kind'], () => Promise<(destination: Destination) => LogSender>>;

/** Destinations of kept lines, and sending to them. */
export function createForwarding(options: {
  dataFolder: string;
  store: Store;
  inventory: Pick<Inventory, 'list'>;
  audit: Pick<Audit, 'act'>;
  keptLogs: Pick<KeptLogs, 'engine' | 'keep'>;
}) {
  const { inventory, keptLogs, audit } = options;
  const rows = createDestinationRows(options);
  const states = createEmitter<[destination: Destination, state: ForwardState]>();
  const running = new Map<string, () => ForwardState>();

  const appliancesOf = ({ applianceIds }: Destination) =>
    inventory
      .list()
      .filter(({ id }) => applianceIds === null || applianceIds.includes(id))
      .map(({ id, name }) => ({ id, name }));

  /** The positions behind all lines that are kept now. */
  async function positionsNow(destination: Destination) {
    const lists = await Promise.all(
      appliancesOf(destination).map(async ({ id: applianceId }) =>
        (await keptLogs.engine().listSources({ applianceId })).map(({ facts, line }) => ({
          applianceId,
          source: logSourceSchema.parse(facts).id,
          nextLine: line,
        })),
      ),
    );
    return lists.flat();
  }
  /** Throws NOT_FOUND. */
  function find(name: string): Destination {
    const found = rows.list().find(({ destination }) => destination.name === name);
    if (found === undefined)
      throw new AppError('NOT_FOUND', `There is no destination named ${JSON.stringify(name)}.`);
    return found.destination;
  }
  async function createFor(destination: Destination) {
    const createSender = await senders[destination.kind]();
    const forwarder = createForwarder({
      destinationId: destination.id,
      rows,
      engine: keptLogs.engine,
      appliances: () => appliancesOf(destination),
      sender: createSender(destination),
      clock: systemClock,
      onState: (state) => states.emit(destination, state),
    });
    running.set(destination.id, forwarder.state);
    return forwarder;
  }
  /** Keeps the logs of the destinations' appliances until the returned function is called. */
  function keepLogs(destinations: readonly Destination[]) {
    const ids = new Set(destinations.flatMap((destination) => appliancesOf(destination).map(({ id }) => id)));
    const releases = [...ids].map((id) => keptLogs.keep(id));
    return () => Promise.all(releases.map((release) => release()));
  }
  /** Throws LOG_STORE_IN_USE if another process forwards the logs of this data folder. */
  async function withLock(work: () => Promise<void>): Promise<void> {
    const lock = createWriterLock(options.dataFolder, 'forward.lock');
    try {
      if (!lock.take())
        throw new AppError('LOG_STORE_IN_USE', 'Another program forwards the logs of this data folder.');
      await work();
    } finally {
      lock.close();
    }
  }

  return {
    /** All destinations with what they have. `state` is null if this process sends nothing to it. */
    list: () =>
      rows.list().map(({ destination, ...counts }) => ({
        destination,
        ...counts,
        state: running.get(destination.id)?.() ?? null,
      })),
    find,
    onState: states.on,
    /**
     * Adds a destination. `isFromNow`: lines that are kept already are not sent. Throws INVALID_INPUT, or ALREADY_EXISTS for
     * a name that is taken.
     */
    add: async (fields: Omit<Destination, 'id'>, isFromNow: boolean): Promise<Destination> => {
      const destination = parseInput(destinationSchema, { id: randomUUID(), ...fields });
      readDestinationAddress(destination.kind, destination.address);
      const positions = isFromNow ? await positionsNow(destination) : [];
      const { kind, address, name } = destination;
      const action = { event: 'syslog.forward', object: name, detail: `added: ${kind} ${address}` } as const;
      await audit.act(action, () => rows.add(destination, positions));
      return destination;
    },
    remove: async (name: string): Promise<void> => {
      const { id } = find(name);
      await audit.act({ event: 'syslog.forward', object: name, detail: 'removed' }, () => rows.remove(id));
    },
    /** Sends what is kept now. Rejects with the first failure, or with LOG_STORE_IN_USE. */
    runOnce: (destinations: readonly Destination[], signal: AbortSignal): Promise<void> =>
      withLock(async () => {
        for (const destination of destinations) await (await createFor(destination)).runOnce(signal);
      }),
    /** Keeps the logs of the destinations' appliances and sends them until `signal` aborts. Rejects with LOG_STORE_IN_USE. */
    run: (destinations: readonly Destination[], signal: AbortSignal): Promise<void> =>
      withLock(async () => {
        const release = keepLogs(destinations);
        try {
          await Promise.all(
            destinations.map(async (destination) => (await createFor(destination)).run(signal)),
          );
        } finally {
          running.clear();
          await release();
        }
      }),
  };
}

import type { Duplex } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { createSlots, type Slots } from '../../../src-shared/base/slots.ts';
import { probeResultSchema, type ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Log } from '../../base/log.ts';
import type { Session } from '../../ssh/types.ts';
import { needsConfirmation, proveResult, type Confirm } from './confirm.ts';
import type { ProbeTarget } from './targets.ts';

/** Maximum number of services of one appliance that are tested at the same time **[ours]**. */
const maxServiceTests = 32;
/**
 * Maximum number of connections of probes that send nothing and wait for the end. Each needs a file
 * descriptor on the appliance **[ours]**.
 */
const maxWatchedConnections = 96;
/**
 * Maximum number of connections that are opened at the same time. It is below the session's limit of 256,
 * because a probe that waits for that limit would look silent **[ours]**.
 */
const maxOpening = 200;

type Limits = { serviceSlots: Slots; watchSlots: Slots; opening: Set<symbol> };

/** Probes single tunnels, within limits per appliance. */
export function createProbeRunner(options: {
  getSession: (applianceId: string) => Pick<Session, 'forwardOut'>;
  confirm: Confirm;
  /** Called with each valid or confirmed result. */
  onResult: (applianceId: string, result: ProbeResult) => void;
  clock: () => number;
  log: Log;
}) {
  const limits = new Map<string, Limits>();
  const running = new Map<string, Promise<ProbeResult | null>>();
  let isClosed = false;

  function limitsOf(applianceId: string): Limits {
    const known = limits.get(applianceId);
    if (known !== undefined) return known;
    const created = {
      serviceSlots: createSlots(maxServiceTests),
      watchSlots: createSlots(maxWatchedConnections),
      opening: new Set<symbol>(),
    };
    limits.set(applianceId, created);
    return created;
  }

  /**
   * Opens a TCP connection to the port. Rejects like the session, or with BUSY or CANCELLED; none of these
   * errors describes the tunnel.
   */
  async function openPort(applianceId: string, port: number): Promise<Duplex> {
    // A probe that waited for a slot may continue after the store was closed.
    if (isClosed) throw new AppError('CANCELLED', 'The console stopped.');
    const { opening } = limitsOf(applianceId);
    if (opening.size >= maxOpening)
      throw new AppError('BUSY', 'Too many connections to this appliance are still being opened.');
    const key = Symbol('opening');
    opening.add(key);
    try {
      return await options.getSession(applianceId).forwardOut('127.0.0.1', port);
    } finally {
      opening.delete(key);
    }
  }

  async function test(applianceId: string, target: ProbeTarget, isLarge: boolean): Promise<ProbeResult> {
    const { serviceSlots, watchSlots } = limitsOf(applianceId);
    const { port, uri, sessionPid, failedAt: failedBefore = null } = target;
    const release = await (uri === null ? watchSlots : serviceSlots).acquire();
    try {
      const at = new Date(options.clock()).toISOString();
      const open = () => openPort(applianceId, port);
      // Loads Node's HTTP and TLS with it, which a command without probes does not need.
      const { probeTunnel } = await import('./probeTunnel.ts');
      const facts = await probeTunnel({ open, port, uri, isLarge });
      return probeResultSchema.parse({ at, port, uri, sessionPid, failedBefore, ...facts });
    } finally {
      release();
    }
  }

  /** Resolves with the result as it counts, or with null if it says nothing about the tunnel. */
  async function confirmed(
    applianceId: string,
    target: ProbeTarget,
    result: ProbeResult,
  ): Promise<ProbeResult | null> {
    if (!needsConfirmation(result)) return result;
    const seen = await options.confirm(applianceId, target, result);
    return seen === null ? null : proveResult(result, seen);
  }

  async function testAndConfirm(
    applianceId: string,
    target: ProbeTarget,
    isLarge: boolean,
  ): Promise<ProbeResult | null> {
    const tested = await test(applianceId, target, isLarge);
    if (isClosed) return null;
    const result = await confirmed(applianceId, target, tested);
    if (result === null || isClosed) return null;
    options.onResult(applianceId, result);
    return result;
  }

  return {
    /**
     * Probes a tunnel, with a large request too if `isLarge`, or joins a running probe of the same tunnel. Resolves
     * with null if the link failed, the tunnel has changed in the meantime, or nothing is proven. Never rejects.
     */
    run: (applianceId: string, target: ProbeTarget, isLarge: boolean): Promise<ProbeResult | null> => {
      // The key contains the session, because a probe through an earlier session must not be reused.
      const { clientId, port, sessionPid, uri } = target;
      const key = JSON.stringify([applianceId, clientId, port, sessionPid, uri, isLarge]);
      const before = running.get(key);
      if (before !== undefined) return before;
      const probe = testAndConfirm(applianceId, target, isLarge)
        .catch((thrown: unknown) => {
          // Ignore errors of the link. They do not describe the tunnel, and the link's state shows them.
          if (!(thrown instanceof AppError)) options.log.error({ err: thrown, applianceId }, 'probe failed');
          return null;
        })
        .finally(() => running.delete(key));
      running.set(key, probe);
      return probe;
    },
    forget: (applianceId: string): void => void limits.delete(applianceId),
    close: (): void => {
      isClosed = true;
    },
  };
}

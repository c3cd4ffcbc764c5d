import { AppError } from '../../src-shared/errors.ts';
import type { ConfigurationChanged } from '../../src-shared/contract/configuration.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import {
  configurationArgv,
  type StatedCause,
} from '../../src-shared/model/configuration/configurationArgv.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Audit } from '../audit/audit.ts';
import type { Driver } from '../driver/driver.ts';
import type { ConfigurationDriver } from '../driver/configurationCommands.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';

type Candidate = { applianceId: string; text: string; unchangedSince: string };
type Rollback = { applianceId: string; number: number; unchangedSince: string };
type ReadBack = ConfigurationChanged['readBack'];

/**
 * The configuration of an appliance. Secrets arrive masked. This part stores nothing of it. An audit record has no value, only
 * the digest of the content before the change.
 */
export function createConfiguration(options: {
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: Pick<Links, 'hold' | 'waitUntilSettled'> & {
    of: (entryId: string) => { driver: Pick<Driver, 'configuration'> };
  };
  audit: Pick<Audit, 'act' | 'event'>;
  clock: () => number;
  operator: string;
}) {
  const { inventory, links, audit, clock, operator } = options;
  const driverOf = (entry: ApplianceEntry) => links.of(entry.id).driver.configuration;

  /** Null for an older kit, which would refuse the options. */
  const causeFor = ({ keepsCause }: ConfigurationShow, reason: string): StatedCause =>
    keepsCause === undefined ? null : { name: operator, reason };

  /** Installs the content `base` again after a read-back that differs. */
  async function restore(entry: ApplianceEntry, shown: ConfigurationShow, base: string): Promise<ReadBack> {
    const version = shown.versions.find(({ digest }) => digest === base);
    if (version === undefined) return 'different';
    const reason = 'the read-back differed';
    const input = { number: version.number, unchangedSince: shown.digest, stated: causeFor(shown, reason) };
    const action = actionOf(entry, configurationArgv.rollBack(input));
    const rollback = { event: 'configuration.rollback', ...action, reason } as const;
    try {
      await audit.act(rollback, async () => {
        await driverOf(entry).rollBack(input);
        if ((await driverOf(entry).show(null)).digest === base) return;
        throw new AppError(
          'VERIFICATION_FAILED',
          `${entry.name} has another configuration after the rollback.`,
        );
      });
      return 'rolled-back';
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'VERIFICATION_FAILED') return 'different';
      throw thrown;
    }
  }

  /** What the appliance has after a change that it reported as applied. */
  async function readBack(entry: ApplianceEntry, applied: string | null, base: string): Promise<ReadBack> {
    try {
      const shown = await driverOf(entry).show(null);
      return shown.digest === applied ? 'same' : await restore(entry, shown, base);
    } catch {
      return 'unknown';
    }
  }

  /** Runs a change with its record, reads it back, and records a read-back that does not show the new content. */
  async function change(
    entry: ApplianceEntry,
    event: 'configuration.apply' | 'configuration.rollback',
    request: {
      argvOf: (stated: StatedCause) => readonly string[];
      reason: string;
      unchangedSince: string;
      run: (driver: ConfigurationDriver, stated: StatedCause) => Promise<ConfigurationOutput>;
    },
  ): Promise<ConfigurationChanged> {
    const { argvOf, reason, unchangedSince, run } = request;
    return withLink(links, entry, async () => {
      const stated = causeFor(await driverOf(entry).show(null), reason);
      const action = { event, reason, ...actionOf(entry, argvOf(stated)) };
      const output = await audit.act(action, async () => {
        inventory.assertUnlocked(entry.id, 'configuration');
        return rejectRefused(await run(driverOf(entry), stated));
      });
      if (output.outcome !== 'applied') return { output, readBack: 'same' };
      const seen = await readBack(entry, output.digest, unchangedSince);
      if (seen !== 'same')
        audit.event({
          ...action,
          result: 'failed',
          errorCode: 'VERIFICATION_FAILED',
          detail: `read back: ${seen}`,
        });
      return { output, readBack: seen };
    });
  }

  return {
    show: ({ applianceId, version }: { applianceId: string; version: number | null }) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, async () => {
        const shown = await driverOf(entry).show(version);
        return { shown, readAt: new Date(clock()).toISOString() };
      });
    },
    /** Changes nothing. */
    check: ({ applianceId, text, unchangedSince }: Candidate) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, async () => ({
        output: await driverOf(entry).check({ text, unchangedSince }),
      }));
    },
    /** Rejects with APPLIANCE_LOCKED, with INVALID_INPUT for a refused candidate, and like the driver. */
    apply: ({ applianceId, text, unchangedSince, reason }: Candidate & { reason: string }) =>
      change(inventory.get(applianceId), 'configuration.apply', {
        argvOf: (stated) => configurationArgv.update({ unchangedSince, stated }),
        reason,
        unchangedSince,
        run: (driver, stated) => driver.update({ text, unchangedSince, stated }),
      }),
    /** Rejects with APPLIANCE_LOCKED, and like the driver. */
    rollBack: ({ applianceId, number, unchangedSince, reason }: Rollback & { reason: string }) =>
      change(inventory.get(applianceId), 'configuration.rollback', {
        argvOf: (stated) => configurationArgv.rollBack({ number, unchangedSince, stated }),
        reason,
        unchangedSince,
        run: (driver, stated) => driver.rollBack({ number, unchangedSince, stated }),
      }),
  };
}

const actionOf = (entry: ApplianceEntry, argv: readonly string[]) => ({
  object: entry.name,
  destination: hopNameOf(entry.target),
  command: quoteArgv(argv),
});

/** Throws the refusal of a change, so that the audit trail has it as failed. */
function rejectRefused(output: ConfigurationOutput): ConfigurationOutput {
  if (output.outcome !== 'refused') return output;
  const problems = output.problems.map(({ path, message }) => `${path} ${message}`.trim());
  const code = output.licence === null ? 'INVALID_INPUT' : 'VERIFICATION_FAILED';
  throw new AppError(
    code,
    `The appliance refused the configuration and changed nothing: ${problems.join('; ')}.`,
  );
}

export type Configuration = ReturnType<typeof createConfiguration>;

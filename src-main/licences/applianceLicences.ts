import { AppError } from '../../src-shared/errors.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LicenceHistory, ReceiptOutput } from '../../src-shared/model/licence/licenceCommands.ts';
import type { Audit } from '../audit/audit.ts';
import { licenceArgv } from '../../src-shared/model/licence/licenceArgv.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { LicenceLinks } from './licenceLinks.ts';
import { withLink } from '../links/withLink.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';

/** The audit record of a licence command on an appliance. */
export function licenceAction(entry: ApplianceEntry, argv: readonly string[], detail: string) {
  return { object: entry.name, destination: hopNameOf(entry.target), command: quoteArgv(argv), detail };
}

/** The installed licence of an appliance and its kept versions. */
export function createApplianceLicences(options: {
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: LicenceLinks;
  fleet: Pick<Fleet, 'refreshLicences'>;
  audit: Pick<Audit, 'act'>;
}) {
  const { inventory, links, fleet, audit } = options;
  const driverOf = (entry: ApplianceEntry) => links.of(entry.id).driver;

  function recordRollback(
    entry: ApplianceEntry,
    sequence: number,
    run: () => Promise<ReceiptOutput>,
  ): Promise<ReceiptOutput> {
    const detail = `to sequence ${sequence}`;
    const action = licenceAction(entry, licenceArgv.rollBack(sequence), detail);
    return audit.act({ event: 'licence.rollback', ...action }, run);
  }

  return {
    recordRollback,
    /** Rejects like the driver. */
    show: (applianceId: string) => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, () => driverOf(entry).licence());
    },
    history: (applianceId: string): Promise<LicenceHistory> => {
      const entry = inventory.get(applianceId);
      return withLink(links, entry, () => driverOf(entry).licences.history());
    },
    /** Installs a kept version again. Rejects with CONFLICT if another one is installed afterwards. */
    rollBack: async ({ applianceId, sequence }: { applianceId: string; sequence: number }) => {
      const entry = inventory.get(applianceId);
      inventory.assertUnlocked(entry.id, 'licence');
      return withLink(links, entry, async () => {
        const { licences, licence } = driverOf(entry);
        await recordRollback(entry, sequence, async () => {
          const rolledBack = await licences.rollBack(sequence);
          const shown = await licence();
          if (shown.sequence === sequence) return rolledBack;
          throw new AppError(
            'VERIFICATION_FAILED',
            `After the rollback to sequence ${sequence}, the appliance shows sequence ${shown.sequence ?? 'none'}.`,
          );
        });
        void fleet.refreshLicences([entry.id]);
        return licences.history();
      });
    },
  };
}
export type ApplianceLicences = ReturnType<typeof createApplianceLicences>;

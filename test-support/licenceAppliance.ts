import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createAuthorityKey, exportKeySet, issueLicence } from '../src-appliance/authority/issue.ts';
import { signDocument } from '../src-appliance/core/licence/identity.ts';
import type { LicenceDriver } from '../src-main/driver/licenceCommands.ts';
import { AppError } from '../src-shared/errors.ts';
import { dayMs } from '../src-shared/base/time.ts';
import type { ConfigurationShow } from '../src-shared/model/configuration/configurationCommands.ts';
import { secretMask } from '../src-shared/model/configuration/configurationKeys.ts';
import { publicKeySchema } from '../src-shared/model/licence/documents.ts';
import {
  readLicenceState,
  type LicencePayload,
  type LicenceShowOutput,
} from '../src-shared/model/licence/licence.ts';
import type { LicenceReceipt } from '../src-shared/model/licence/licenceRequest.ts';
import { verifyLicence } from '../src-shared/model/licence/verifyLicence.ts';
import { aLicence } from './aLicence.ts';
import { createLicenceRequester } from './licenceRequester.ts';
import { licencePayload } from './licenceSupply.ts';

/** A licence that is valid for a year from `now`, with these fields changed. */
function aPayload(applianceId: string, now: number, changes: Partial<LicencePayload>): LicencePayload {
  const at = (days: number) => new Date(now + days * dayMs).toISOString();
  const dates = { issuedAt: at(-1), notBefore: at(-1), expiresAt: at(365) };
  const entitlements = {
    accounts: 100,
    connectors: ['smb', 'cq5'],
    plan: 'standard',
    internalDevelopment: false,
  };
  return licencePayload(applianceId, { ...dates, entitlements, ...changes });
}

const shownConfiguration: ConfigurationShow = {
  contract: 1,
  path: '/data/kloudless.yml',
  text: `hostname: quay-01.example\ndb:\n  port: 5432\n  password: "${secretMask}"\n`,
  digest: 'a'.repeat(64),
  revision: 0,
  secrets: [],
  drift: null,
  versions: [],
};

/**
 * The licence commands of an appliance without SSH, with its own authority. A test replaces a command in `faults` to
 * make it fail, lie, or lose its answer.
 */
export async function createLicenceAppliance(options: { clock: () => number }) {
  const { clock } = options;
  const requester = await createLicenceRequester();
  const { applianceId, identity } = requester;
  const authority = createAuthorityKey('vendor-2026');
  const keySet = exportKeySet([authority]);
  const authorityKeys = keySet.keys.map((key) => publicKeySchema.parse(key));
  const versions: LicencePayload[] = [aPayload(applianceId, clock() - 350 * dayMs, { sequence: 12 })];
  let installed = versions[0];
  let open: { id: string; nonce: string; number: number } | null = null;
  let requests = 6;
  let receipt: LicenceReceipt | null = null;

  const show = (): LicenceShowOutput => {
    if (installed === undefined) return aLicence({ state: 'missing', reason: 'no licence is installed' });
    const { sequence, notBefore, expiresAt, entitlements } = installed;
    const { state, reason, graceEndsAt } = readLicenceState(installed, clock());
    return aLicence({
      state,
      reason,
      key: 'SALLY-…-PORT1',
      sequence,
      notBefore,
      expiresAt,
      graceEndsAt,
      entitlements,
    });
  };
  const highest = () => Math.max(...versions.map(({ sequence }) => sequence));

  function install(licence: LicencePayload, outcome: LicenceReceipt['outcome'], requestId: string | null) {
    receipt = {
      format: 1,
      id: randomUUID(),
      applianceId,
      outcome,
      at: new Date(clock()).toISOString(),
      licenceId: licence.id,
      sequence: licence.sequence,
      licenceSha256: createHash('sha256').update(licence.id).digest('hex'),
      previousSequence: installed?.sequence ?? null,
      requestId,
      configurationRevision: 0,
    };
    installed = licence;
    return signDocument(identity, { type: 'receipt', payload: receipt });
  }

  async function makeRequest() {
    const voided = open?.number ?? null;
    requests += 1;
    open = { id: randomUUID(), nonce: randomBytes(16).toString('base64url'), number: requests };
    const request = await requester.request({
      ...open,
      madeAt: new Date(clock()).toISOString(),
      licence: { state: 'valid', key: null, sequence: show().sequence, expiresAt: null, graceEndsAt: null },
      usage: { accounts: 80, connectors: ['smb'] },
    });
    return {
      contract: 1,
      request,
      id: open.id,
      number: requests,
      authorityKeys,
      highestSequence: highest(),
      voided,
    } as const;
  }

  const commands: LicenceDriver = {
    request: makeRequest,
    import: async ({ document, isDryRun }) => {
      const { checks, accepted } = await verifyLicence(document, {
        keys: authorityKeys,
        applianceId,
        applianceVersion: '1.33.0',
        request: open,
        highestSequence: highest(),
        configurationRevision: 0,
        now: clock(),
      });
      const outcome = accepted === null ? 'refused' : isDryRun ? 'acceptable' : 'applied';
      if (accepted === null || isDryRun)
        return { contract: 1, outcome, checks, forecast: [], current: show(), receipt: null };
      versions.push(accepted);
      const signed = await install(accepted, 'applied', open?.id ?? null);
      open = null;
      return { contract: 1, outcome, checks, forecast: [], current: show(), receipt: signed };
    },
    receipt: async () => {
      if (receipt === null) throw new AppError('NOT_FOUND', 'no licence was imported yet');
      return {
        contract: 1,
        current: show(),
        receipt: await signDocument(identity, { type: 'receipt', payload: receipt }),
      };
    },
    history: async () => ({
      contract: 1,
      versions: versions.toReversed().map(({ sequence, id, expiresAt, notBefore }) => ({
        sequence,
        id,
        installedAt: notBefore,
        expiresAt,
        isInstalled: sequence === installed?.sequence,
      })),
    }),
    rollBack: async (sequence) => {
      const version = versions.find((kept) => kept.sequence === sequence);
      if (version === undefined) throw new AppError('NOT_FOUND', `sequence ${sequence} is not kept`);
      return { contract: 1, receipt: await install(version, 'rolled-back', null), current: show() };
    },
  };
  /** Every command that ran, in order. */
  const ran: string[] = [];
  const faults: Partial<LicenceDriver & { licence: () => Promise<LicenceShowOutput> }> = {};
  const record = <Result>(name: string, run: () => Promise<Result>): Promise<Result> => {
    ran.push(name);
    return run();
  };

  return {
    applianceId,
    ran,
    faults,
    commands,
    show,
    /** Signs an answer to the open request, with these fields changed. */
    answer: async (changes: Partial<LicencePayload> = {}): Promise<string> => {
      const request = open === null ? null : { id: open.id, nonce: open.nonce };
      return issueLicence(aPayload(applianceId, clock(), { sequence: 13, request, ...changes }), authority);
    },
    driver: {
      licence: () => record('show', faults.licence ?? (async () => show())),
      licences: {
        request: () => record('request', faults.request ?? commands.request),
        import: (input) =>
          record(input.isDryRun ? 'dry run' : 'import', () => (faults.import ?? commands.import)(input)),
        receipt: () => record('receipt', faults.receipt ?? commands.receipt),
        history: () => record('history', faults.history ?? commands.history),
        rollBack: (sequence) => record('rollback', () => (faults.rollBack ?? commands.rollBack)(sequence)),
      } satisfies LicenceDriver,
      configuration: { show: async () => shownConfiguration },
    },
  };
}

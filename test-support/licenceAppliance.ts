import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair } from 'jose';
import { createAuthorityKey, exportKeySet, issueLicence } from '../src-appliance/authority/issue.ts';
import type { LicenceDriver } from '../src-main/driver/licenceCommands.ts';
import { AppError } from '../src-shared/errors.ts';
import { dayMs } from '../src-shared/base/time.ts';
import { documentTypes, publicKeySchema } from '../src-shared/model/licence/documents.ts';
import {
  readLicenceState,
  type LicencePayload,
  type LicenceShowOutput,
} from '../src-shared/model/licence/licence.ts';
import type { LicenceReceipt, LicenceRequest } from '../src-shared/model/licence/licenceRequest.ts';
import { verifyLicence } from '../src-shared/model/licence/verifyLicence.ts';
import { aLicence } from './aLicence.ts';

/** A licence that is valid for a year from `now`, with these fields changed. */
function aPayload(applianceId: string, now: number, changes: Partial<LicencePayload>): LicencePayload {
  const at = (days: number) => new Date(now + days * dayMs).toISOString();
  return {
    format: 1,
    id: randomUUID(),
    applianceId,
    key: 'SALLY-TEST0-00000-PORT1',
    sequence: 1,
    issuedAt: at(-1),
    notBefore: at(-1),
    expiresAt: at(365),
    graceDays: 14,
    minVersion: '1.0.0',
    entitlements: { accounts: 100, connectors: ['smb', 'cq5'], plan: 'standard', internalDevelopment: false },
    request: null,
    configuration: null,
    ...changes,
  };
}

/** An Ed25519 key pair that signs an appliance’s documents. */
async function createIdentity() {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    publicKey: publicKeySchema.parse({ ...jwk, kid }).x,
    sign: (type: 'request' | 'receipt', payload: object): Promise<string> =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes[type], kid })
        .sign(privateKey),
  };
}

/**
 * The licence commands of an appliance without SSH, with its own authority. A test replaces a command in `faults` to
 * make it fail, lie, or lose its answer.
 */
export async function createLicenceAppliance(options: { clock: () => number }) {
  const { clock } = options;
  const applianceId = randomUUID();
  const identity = await createIdentity();
  const authority = await createAuthorityKey('vendor-2026');
  const keySet = await exportKeySet([authority]);
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
    return identity.sign('receipt', receipt);
  }

  async function makeRequest() {
    const voided = open?.number ?? null;
    requests += 1;
    open = { id: randomUUID(), nonce: randomBytes(16).toString('base64url'), number: requests };
    const payload: LicenceRequest = {
      format: 1,
      ...open,
      applianceId,
      publicKey: identity.publicKey,
      madeAt: new Date(clock()).toISOString(),
      clockRanBackFrom: null,
      applianceVersion: '1.33.0',
      configurationRevision: 0,
      licence: { state: 'valid', key: null, sequence: show().sequence, expiresAt: null, graceEndsAt: null },
      usage: { accounts: 80, connectors: ['smb'] },
    };
    const request = await identity.sign('request', payload);
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
      return { contract: 1, current: show(), receipt: await identity.sign('receipt', receipt) };
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
    answer: (changes: Partial<LicencePayload> = {}): Promise<string> => {
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
    },
  };
}

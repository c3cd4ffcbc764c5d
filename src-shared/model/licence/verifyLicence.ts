import { formatInstant } from '../../base/time.ts';
import { quoteText } from '../../base/machineText.ts';
import { isNewerVersion } from './isNewerVersion.ts';
import { licencePayloadSchema, type LicencePayload } from './licence.ts';
import { licenceCheckSchema, type CheckResult, type LicenceCheck } from './licenceChecks.ts';
import type { PublicKey } from './documents.ts';
import { isSignedBy, readDocument } from './signedDocument.ts';

/** What an answer is checked against. The appliance knows it; a console knows it from the appliance's request. */
export type LicenceContext = {
  /** The authority's public keys that this appliance trusts, retired ones included. */
  keys: readonly PublicKey[];
  applianceId: string;
  applianceVersion: string;
  /** The open request, null if none is open. */
  request: { id: string; nonce: string; number: number } | null;
  /** The highest sequence number that was ever installed, null if none was. */
  highestSequence: number | null;
  configurationRevision: number;
  /** Trusted time, epoch ms. */
  now: number;
};

export type LicenceVerification = {
  checks: CheckResult[];
  /** The licence if every check passed. Otherwise null. */
  accepted: LicencePayload | null;
  /** The licence if its signature is valid, also if a later check failed. */
  signed: LicencePayload | null;
};

type Finding = { isPassed: boolean; detail: string; instant?: string };

/** The checks of a licence whose signature is valid. */
const contentChecks: readonly [
  LicenceCheck,
  (licence: LicencePayload, context: LicenceContext) => Finding,
][] = [
  [
    'appliance',
    ({ applianceId }, context) => ({
      isPassed: applianceId === context.applianceId,
      detail:
        applianceId === context.applianceId
          ? `appliance ${applianceId}`
          : `it is for appliance ${applianceId}; this one is ${context.applianceId}`,
    }),
  ],
  ['request', ({ request }, context) => checkRequest(request, context.request)],
  [
    'sequence',
    ({ sequence }, { highestSequence }) => ({
      isPassed: highestSequence === null || sequence > highestSequence,
      detail: `sequence ${sequence}, ${highestSequence === null ? 'none installed' : `installed up to ${highestSequence}`}`,
    }),
  ],
  [
    'notBefore',
    ({ notBefore }, { now }) => ({
      isPassed: Date.parse(notBefore) <= now,
      detail: `from ${formatInstant(notBefore)}`,
      instant: notBefore,
    }),
  ],
  [
    'expiry',
    ({ expiresAt }, { now }) => ({
      isPassed: now < Date.parse(expiresAt),
      detail: `until ${formatInstant(expiresAt)}`,
      instant: expiresAt,
    }),
  ],
  [
    'version',
    ({ minVersion }, { applianceVersion }) => ({
      isPassed: !isNewerVersion(minVersion, applianceVersion),
      detail: `needs ${minVersion} or later; this appliance has ${applianceVersion}`,
    }),
  ],
  [
    'configuration',
    ({ configuration }, { configurationRevision }) =>
      configuration === null
        ? { isPassed: true, detail: `unchanged, revision ${configurationRevision}` }
        : {
            isPassed: configuration.revision > configurationRevision,
            detail: `revision ${configuration.revision}, present ${configurationRevision}`,
          },
  ],
];

function checkRequest(answered: LicencePayload['request'], open: LicenceContext['request']): Finding {
  if (answered === null) return { isPassed: false, detail: 'it answers no request' };
  if (open === null)
    return {
      isPassed: false,
      detail: `no request is open; it answers ${answered.id}, which is used or void`,
    };
  if (answered.id !== open.id)
    return {
      isPassed: false,
      detail: `it answers another request, ${answered.id}; the open one is number ${open.number}`,
    };
  return answered.nonce === open.nonce
    ? { isPassed: true, detail: `request ${open.number}, nonce matches, first use` }
    : { isPassed: false, detail: `it names request ${open.number}, but its nonce differs` };
}

async function checkSignature(text: string, keyId: string, { keys }: LicenceContext): Promise<Finding> {
  const key = keys.find(({ kid }) => kid === keyId);
  if (key === undefined)
    return {
      isPassed: false,
      detail: `it is signed by the key ${quoteText(keyId)}, which this appliance does not trust`,
    };
  if (key.retiredAt !== undefined)
    return {
      isPassed: false,
      detail: `it is signed by the key ${quoteText(keyId)}, retired at ${formatInstant(key.retiredAt)}`,
    };
  return (await isSignedBy(text, key))
    ? { isPassed: true, detail: `Ed25519, key ${keyId}` }
    : { isPassed: false, detail: `the signature of the key ${quoteText(keyId)} does not match the content` };
}

/**
 * Runs every check of an answer **[ours: domain.md names what is refused]**. Content checks all run, so that
 * one look names every reason; before a valid signature they would prove nothing and are skipped. Never throws.
 */
export async function verifyLicence(text: string, context: LicenceContext): Promise<LicenceVerification> {
  const checks: CheckResult[] = [];
  const add = (
    check: LicenceCheck,
    { isPassed, detail, instant = null }: Omit<Finding, 'instant'> & { instant?: string | null },
  ) => {
    checks.push({ check, outcome: isPassed ? 'passed' : 'failed', detail: detail.slice(0, 512), instant });
    return isPassed;
  };
  const skipRest = (): LicenceVerification => {
    const done = new Set(checks.map(({ check }) => check));
    for (const check of licenceCheckSchema.options)
      if (!done.has(check))
        checks.push({
          check,
          outcome: 'skipped',
          detail: 'not checked, because an earlier check failed',
          instant: null,
        });
    return { checks, accepted: null, signed: null };
  };
  const document = readDocument(text, 'licence');
  if ('problem' in document) {
    if (document.problem === 'format') add('file', { isPassed: true, detail: `${text.length} bytes` });
    add(document.problem, { isPassed: false, detail: document.reason });
    return skipRest();
  }
  add('file', { isPassed: true, detail: `${text.length} bytes` });
  const payload = licencePayloadSchema.safeParse(document.payload);
  if (!payload.success) {
    const [issue] = payload.error.issues;
    add('format', {
      isPassed: false,
      detail: `its field ${quoteText(issue?.path.join('.') ?? '')} has an unexpected value`,
    });
    return skipRest();
  }
  add('format', { isPassed: true, detail: `licence, format ${payload.data.format}` });
  if (!add('signature', await checkSignature(text, document.keyId, context))) return skipRest();
  let isAccepted = true;
  for (const [check, judge] of contentChecks)
    isAccepted = add(check, judge(payload.data, context)) && isAccepted;
  return { checks, accepted: isAccepted ? payload.data : null, signed: payload.data };
}

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/*
 * A self-made certificate (X.509 v3, RFC 5280) for a little service: Node makes keys and signatures, but no certificates.
 * Only what such a certificate needs of DER (X.690).
 */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
} as const;
/** `[0]` around the version, `[3]` around the extensions, `[2]` for a DNS name. */
const contextTags = { version: 0xa0, extensions: 0xa3, dnsName: 0x82 } as const;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(content.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, content]);
}

/** Object identifiers, ready encoded. */
const identifiers = {
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
  commonName: Buffer.from('0603550403', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
} as const;

function time(at: number): Buffer {
  const text = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/gu, '');
  return der(tags.generalizedTime, Buffer.from(text));
}

/** PEM of a new P-256 key and of its certificate for one host name, signed by itself. Times are epoch milliseconds. */
export function makeCertificate(subject: { host: string; notBefore: number; notAfter: number }): {
  key: string;
  cert: string;
} {
  const { host } = subject;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, identifiers.ecdsaWithSha256);
  const name = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, identifiers.commonName, der(tags.utf8String, Buffer.from(host)))),
  );
  const serial = randomBytes(16);
  // Positive and without a leading zero byte.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const alternativeNames = der(tags.sequence, der(contextTags.dnsName, Buffer.from(host)));
  const toBeSigned = der(
    tags.sequence,
    der(contextTags.version, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    algorithm,
    name,
    der(tags.sequence, time(subject.notBefore), time(subject.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      contextTags.extensions,
      der(
        tags.sequence,
        der(tags.sequence, identifiers.subjectAltName, der(tags.octetString, alternativeNames)),
      ),
    ),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = der(
    tags.sequence,
    toBeSigned,
    algorithm,
    der(tags.bitString, Buffer.from([0]), signature),
  );
  const lines = certificate.toString('base64').replaceAll(/.{64}/gu, '$&\n').trimEnd();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

import { secretPartSchema, type SecretPart } from '../../src-shared/model/secrets/credential.ts';

/** The secrets of a vault by `ID PART`. They are bytes and not text, because text can't be wiped from memory. */
export type SecretRecords = Map<string, Buffer>;

const nameOf = (id: string, part: SecretPart) => `${id} ${part}`;
const sizeBytes = 4;

export const getSecret = (records: SecretRecords, id: string, part: SecretPart): Buffer | null =>
  records.get(nameOf(id, part)) ?? null;

export function setSecret(
  records: SecretRecords,
  { id, part, value }: { id: string; part: SecretPart; value: string },
): void {
  records.get(nameOf(id, part))?.fill(0);
  records.set(nameOf(id, part), Buffer.from(value));
}

export function deleteSecrets(records: SecretRecords, id: string): void {
  for (const part of secretPartSchema.options) {
    records.get(nameOf(id, part))?.fill(0);
    records.delete(nameOf(id, part));
  }
}

export function wipeSecrets(records: SecretRecords): void {
  for (const secret of records.values()) secret.fill(0);
  records.clear();
}

function writeField(field: Buffer): Buffer {
  const size = Buffer.alloc(sizeBytes);
  size.writeUInt32BE(field.length);
  return Buffer.concat([size, field]);
}

/** Each name and each secret behind its length. */
export function encodeSecrets(records: SecretRecords): Buffer {
  const fields = [...records].flatMap(([name, secret]) => [
    writeField(Buffer.from(name)),
    writeField(secret),
  ]);
  const encoded = Buffer.concat(fields);
  for (const field of fields) field.fill(0);
  return encoded;
}

/** Null if the bytes are not what `encodeSecrets` wrote. */
export function decodeSecrets(encoded: Buffer): SecretRecords | null {
  const records: SecretRecords = new Map();
  let at = 0;
  const readField = (): Buffer | null => {
    if (at + sizeBytes > encoded.length) return null;
    const size = encoded.readUInt32BE(at);
    const end = at + sizeBytes + size;
    if (end > encoded.length) return null;
    const field = Buffer.from(encoded.subarray(at + sizeBytes, end));
    at = end;
    return field;
  };
  while (at < encoded.length) {
    const name = readField();
    const secret = readField();
    if (name === null || secret === null) {
      wipeSecrets(records);
      return null;
    }
    records.set(name.toString(), secret);
  }
  return records;
}

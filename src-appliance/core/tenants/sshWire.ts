/** The SSH wire's data types (RFC 4251, section 5), as far as keys need them. */
export function writeString(value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function writeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Splits a blob into its strings; null unless it consists of whole strings and nothing else. */
export function readStrings(blob: Buffer): Buffer[] | null {
  const strings: Buffer[] = [];
  let offset = 0;
  while (offset < blob.length) {
    if (offset + 4 > blob.length) return null;
    const end = offset + 4 + blob.readUInt32BE(offset);
    if (end > blob.length) return null;
    strings.push(blob.subarray(offset + 4, end));
    offset = end;
  }
  return strings;
}

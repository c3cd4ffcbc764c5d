/** A `string` of the SSH wire format (RFC 4251, 5) at `offset`, and where the next field begins; null when cut short. */
export function readSshString(buffer: Buffer, offset: number): { value: Buffer; next: number } | null {
  if (offset + 4 > buffer.length) return null;
  const length = buffer.readUInt32BE(offset);
  const end = offset + 4 + length;
  return end > buffer.length ? null : { value: buffer.subarray(offset + 4, end), next: end };
}

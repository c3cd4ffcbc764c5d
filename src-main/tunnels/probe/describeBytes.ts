import { shorten, visibleText } from '../../../src-shared/base/machineText.ts';

/** Describes the first bytes of an answer for users. The text is short and safe to show. */
export function describeBytes(bytes: Buffer): string {
  if (bytes.length === 0) return 'nothing';
  const text = bytes.toString('latin1');
  if (text.startsWith('HTTP/')) return `HTTP: ${firstLine(text)}`;
  if (text.startsWith('SSH-')) return `SSH: ${firstLine(text)}`;
  // Matches the start of a TLS record: alert, handshake or application data of any version (RFC 8446, 5.1).
  if (/^[\u0015-\u0017]\u0003[\u0000-\u0004]/u.test(text)) return 'TLS';
  if (text.startsWith('SMB', 5)) return text[4] === '\u00ff' ? 'SMB 1' : 'SMB';
  if (/^[\u0020-\u007e\t\r\n]+$/u.test(text)) return `text: ${firstLine(text)}`;
  return `bytes ${bytes.subarray(0, 8).toString('hex')}`;
}

function firstLine(text: string): string {
  const line = /^[^\r\n]*/u.exec(text)?.[0] ?? '';
  return shorten(visibleText(line.replaceAll('\t', ' ')), 64);
}

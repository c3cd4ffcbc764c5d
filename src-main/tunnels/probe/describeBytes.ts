import { nameAlert } from './tlsAlerts.ts';
import { shorten, visibleText } from '../../../src-shared/base/machineText.ts';

/** Whether this is the start of a TLS record: alert, handshake or data of any version (RFC 8446, 5.1). */
export function isTlsRecord(bytes: Buffer): boolean {
  return /^[\u0015-\u0017]\u0003[\u0000-\u0004]/u.test(bytes.subarray(0, 3).toString('latin1'));
}

/** Describes the first bytes of an answer for users. The text is short and safe to show. */
export function describeBytes(bytes: Buffer): string {
  if (bytes.length === 0) return 'nothing';
  const text = bytes.toString('latin1');
  if (text.startsWith('HTTP/')) return `HTTP: ${firstLine(text)}`;
  if (text.startsWith('SSH-')) return `SSH: ${firstLine(text)}`;
  const alert = /^\u0015\u0003[\u0000-\u0004]\u0000\u0002[^](?<number>[^])/u.exec(text)?.groups?.['number'];
  if (alert !== undefined) return nameAlert(alert.charCodeAt(0));
  if (isTlsRecord(bytes)) return 'TLS';
  // A session response as on port 139 (RFC 1002, 4.3): accepted, or refused with a reason.
  if (/^[\u0082\u0083]\u0000\u0000[\u0000\u0001]/u.test(text)) return 'a NetBIOS session, as on port 139';
  if (text.startsWith('SMB', 5)) return text[4] === '\u00ff' ? 'SMB 1' : 'SMB';
  if (/^[\u0020-\u007e\t\r\n]+$/u.test(text)) return `text: ${firstLine(text)}`;
  return `bytes ${bytes.subarray(0, 8).toString('hex')}`;
}

function firstLine(text: string): string {
  const line = /^[^\r\n]*/u.exec(text)?.[0] ?? '';
  return shorten(visibleText(line.replaceAll('\t', ' ')), 64);
}

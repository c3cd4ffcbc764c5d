import { z } from 'zod';
import { visibleText } from '../../base/machineText.ts';
import { textSetting } from '../../base/settingFields.ts';
import { formatInstant } from '../../base/time.ts';
import { isEmailAddress } from '../tenants/tenantNote.ts';

/** Who a message to a customer comes from. Both are empty by default. */
export const customerSenderSchema = z.strictObject({
  name: textSetting({
    label: 'Sender',
    placeholder: 'Network operations, Example Ltd',
    maxLength: 200,
    lines: 1,
  }),
  signature: textSetting({
    label: 'Signature',
    placeholder: 'Phone, office hours …',
    maxLength: 1000,
    lines: 4,
  }),
});
export type CustomerSender = z.infer<typeof customerSenderSchema>;

/** The text to send: who writes and when, in UTC, then `customerText` of the tunnel, then the signature. */
export function writeCustomerMessage(input: { text: string; sender: CustomerSender; at: string }): string {
  const { sender } = input;
  return visibleText(
    [
      ...(sender.name === '' ? [] : [`From: ${sender.name}`]),
      `Time: ${formatInstant(input.at)}`,
      '',
      input.text,
      ...(sender.signature === '' ? [] : ['', sender.signature]),
    ].join('\n'),
  );
}

/** Sets, changes or removes the first line with the ticket, and leaves the rest as the operator edited it. */
export function withTicket(message: string, ticket: string): string {
  const rest = message.replace(/^Ticket: .*\n/u, '');
  return ticket === '' ? rest : `Ticket: ${ticket}\n${rest}`;
}

/** Longer links are cut or refused by mail programs and browsers **[ours]**. */
export const maxMailLink = 1_900;

// encodeURIComponent throws for half of a surrogate pair.
const encode = (text: string) => encodeURIComponent(text.toWellFormed());

/** A `mailto:` link with the message, to `to` if it is an address; null if it would be too long. */
export function mailLink(mail: { to: string; subject: string; body: string }): string | null {
  const to = isEmailAddress(mail.to) ? mail.to.split('@').map(encode).join('@') : '';
  const body = encode(mail.body.replaceAll('\n', '\r\n'));
  const link = `mailto:${to}?subject=${encode(mail.subject)}&body=${body}`;
  return link.length > maxMailLink ? null : link;
}

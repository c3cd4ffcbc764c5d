import { expect, test } from 'vitest';
import {
  customerSenderSchema,
  mailLink,
  maxMailLink,
  withTicket,
  writeCustomerMessage,
} from './customerMessage.ts';

const at = '2026-11-20T09:30:00.000Z';
const nameless = customerSenderSchema.parse({});

test('when a sender is set, the message names the sender, the time in UTC, and ends with the signature', () => {
  const sender = { name: 'Fern Operations', signature: 'Fern Ltd\n+49 30 1234' };
  expect(writeCustomerMessage({ text: 'Connection: northwind', sender, at })).toBe(
    'From: Fern Operations\nTime: 2026-11-20 09:30:00 UTC\n\nConnection: northwind\n\nFern Ltd\n+49 30 1234',
  );
});

test('when no sender is set, the message contains none of the sender’s lines', () => {
  expect(writeCustomerMessage({ text: 'Connection: northwind', sender: nameless, at })).toBe(
    'Time: 2026-11-20 09:30:00 UTC\n\nConnection: northwind',
  );
});

test('when the tenant announces hidden characters, the message shows them as visible signs', () => {
  expect(writeCustomerMessage({ text: 'smb://a\u202eb', sender: nameless, at })).toContain(
    'smb://a⟨U+202E⟩b',
  );
});

test('when the ticket changes, only its line changes, and an empty ticket removes it', () => {
  const edited = 'Time: now\n\nedited by hand';
  const first = withTicket(edited, 'INC-1');
  expect(first).toBe('Ticket: INC-1\nTime: now\n\nedited by hand');
  expect(withTicket(first, 'INC-2')).toBe('Ticket: INC-2\nTime: now\n\nedited by hand');
  expect(withTicket(first, '')).toBe(edited);
});

test('when the contact contains an address, the link is to it, with encoded text and CRLF line ends', () => {
  expect(mailLink({ to: 'jane@nw.example', subject: 'A & B', body: 'one\ntwo' })).toBe(
    'mailto:jane@nw.example?subject=A%20%26%20B&body=one%0D%0Atwo',
  );
});

test('when the host of the address has no dot, the link is to it', () => {
  expect(mailLink({ to: 'gavin@hooli', subject: 's', body: 'b' })).toBe(
    'mailto:gavin@hooli?subject=s&body=b',
  );
});

test('when the contact contains no e-mail address, the link has no recipient', () => {
  expect(mailLink({ to: 'x?bcc=y@z.example', subject: 's', body: 'b' })).toBe('mailto:?subject=s&body=b');
});

test.each([
  ['body', { to: 'jane@nw.example', subject: 's', body: 'INC \ud83d' }],
  ['subject', { to: 'jane@nw.example', subject: '\udc00', body: 'b' }],
  ['address', { to: 'j\ud83d@nw.example', subject: 's', body: 'b' }],
])('when the %s has half of a surrogate pair, the link has a replacement sign', (_, mail) => {
  expect(mailLink(mail)).toContain('%EF%BF%BD');
});

test('when the link would exceed the maximum length, there is no link', () => {
  const start = 'mailto:?subject=s&body='.length;
  const fitting = 'b'.repeat(maxMailLink - start);
  expect(mailLink({ to: '', subject: 's', body: fitting })).toHaveLength(maxMailLink);
  expect(mailLink({ to: '', subject: 's', body: `${fitting}b` })).toBeNull();
});

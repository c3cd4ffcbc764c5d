import type { ServerMessage } from '../core/registrarProtocol.ts';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encodeMessage, longestLine } from '../core/registrarProtocol.ts';
import { createRegistrarChannel } from './registrarChannel.ts';

function converse(): {
  channel: PassThrough;
  messages: ServerMessage[];
  faults: string[];
  unknown: string[];
} {
  const channel = new PassThrough();
  const messages: ServerMessage[] = [];
  const faults: string[] = [];
  const unknown: string[] = [];
  createRegistrarChannel({
    channel,
    onMessage: (message) => void messages.push(message),
    onUnknown: (type) => void unknown.push(type),
    onFault: (reason) => void faults.push(reason),
  });
  return { channel, messages, faults, unknown };
}
async function say(channel: PassThrough, ...chunks: string[]): Promise<void> {
  for (const chunk of chunks) channel.write(chunk);
  await new Promise((resolve) => {
    channel.once('close', resolve).end();
  });
}

describe('the registrar channel', () => {
  it('puts messages together from any pieces', async () => {
    const { channel, messages, faults } = converse();
    const welcome = encodeMessage({ type: 'ports', ports: [{ first: 2200, last: 2201 }] });
    await say(channel, welcome.slice(0, 7), welcome.slice(7) + encodeMessage({ type: 'accepted' }));
    expect(messages.map(({ type }) => type)).toStrictEqual(['ports', 'accepted']);
    expect(faults).toStrictEqual(['the appliance ended the session']);
  });

  it('passes over what a later appliance may say within the protocol', async () => {
    const { channel, messages, faults, unknown } = converse();
    const refusal = '{"type":"refused","code":"OUT_OF_HOURS","message":"later"}\n';
    await say(channel, '{"type":"notice","text":"maintenance"}\n', refusal);
    expect(unknown).toStrictEqual(['notice']);
    expect(messages).toStrictEqual([{ type: 'refused', code: 'OUT_OF_HOURS', message: 'later' }]);
    expect(faults).toStrictEqual(['the appliance ended the session']);
  });

  it.each([
    ['not JSON', 'hello\n', 'not JSON'],
    ['a message without a type', '{"command":"id"}\n', 'unknown kind'],
    ['a known message that is malformed', '{"type":"ports","ports":"all"}\n', 'unknown kind'],
    ['an endless line', 'x'.repeat(longestLine + 1), 'too long'],
  ])('gives up once at %s', async (_case, line, reason) => {
    const { channel, messages, faults } = converse();
    await say(channel, line, line, encodeMessage({ type: 'accepted' }));
    expect(messages).toStrictEqual([]);
    expect(faults).toStrictEqual([expect.stringContaining(reason)]);
  });
});

import type { ServerMessage } from '../core/sessions/registrarProtocol.ts';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encodeMessage, maxLine } from '../core/sessions/registrarProtocol.ts';
import { createRegistrarChannel } from './registrarChannel.ts';

function runConversation(): {
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

function lie(ranges: number, last: number): string {
  return JSON.stringify({ type: 'ports', ports: Array.from({ length: ranges }, () => ({ first: 1, last })) });
}
function welcome(heartbeatSeconds: number): string {
  const said = { type: 'welcome', protocol: 1, clientId: 'acme', ports: [], applianceVersion: '1.14.4' };
  return JSON.stringify({ ...said, heartbeatSeconds });
}

describe('the registrar channel', () => {
  it('accepts the welcome of an appliance', async () => {
    const { channel, messages } = runConversation();
    await say(channel, `${welcome(5)}\n`, `${lie(1, 65_535)}\n`);
    expect(messages.map(({ type }) => type)).toStrictEqual(['welcome', 'ports']);
  });

  it('when messages arrive in random pieces, joins them', async () => {
    const { channel, messages, faults } = runConversation();
    const welcome = encodeMessage({ type: 'ports', ports: [{ first: 2200, last: 2201 }] });
    await say(channel, welcome.slice(0, 7), welcome.slice(7) + encodeMessage({ type: 'accepted' }));
    expect(messages.map(({ type }) => type)).toStrictEqual(['ports', 'accepted']);
    expect(faults).toStrictEqual(['the appliance ended the session']);
  });

  it('ignores unknown messages of later appliances', async () => {
    const { channel, messages, faults, unknown } = runConversation();
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
    ['more ports than exist', `${lie(3, 65_535)}\n`, 'unknown kind'],
    ['a heartbeat without a pause', `${welcome(0.001)}\n`, 'unknown kind'],
    ['a heartbeat that no timer can count', `${welcome(1e9)}\n`, 'unknown kind'],
    ['an endless line', 'x'.repeat(maxLine + 1), 'too long'],
  ])('reports one fault for %s and then stops', async (_case, line, reason) => {
    const { channel, messages, faults } = runConversation();
    await say(channel, line, line, encodeMessage({ type: 'accepted' }));
    expect(messages).toStrictEqual([]);
    expect(faults).toStrictEqual([expect.stringContaining(reason)]);
  });
});

import { createORPCClient } from '@orpc/client';
import { os } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { afterEach, expect, test } from 'vitest';
import { createPortOpener } from './transports.ts';

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** Transfers a real MessagePort with a handler at its other end, as the preload script does. */
function handOver({ answer, source, type }: { answer: string; source: unknown; type: string }): Event {
  const channel = new MessageChannel();
  channels.push(channel);
  new RPCHandler({ who: os.handler(() => answer) }).upgrade(channel.port2);
  channel.port2.start();
  return Object.assign(new Event('message'), { source, data: { type }, ports: [channel.port1] });
}

async function ask(link: Parameters<typeof createORPCClient>[0]): Promise<unknown> {
  const client = createORPCClient<{ who: () => Promise<string> }>(link);
  return client.who();
}

test('only a port that this very window posts under the agreed name is taken', async () => {
  const open = createPortOpener(window);
  window.dispatchEvent(handOver({ answer: 'a frame', source: null, type: 'sallyport-port' }));
  window.dispatchEvent(handOver({ answer: 'another message', source: window, type: 'something-else' }));
  const opening = open();
  window.dispatchEvent(handOver({ answer: 'the console', source: window, type: 'sallyport-port' }));
  const { link } = await opening;
  expect(await ask(link)).toBe('the console');
});

test('when a port comes before the first request, keeps it, and a new one replaces it', async () => {
  const open = createPortOpener(window);
  window.dispatchEvent(handOver({ answer: 'first', source: window, type: 'sallyport-port' }));
  window.dispatchEvent(handOver({ answer: 'second', source: window, type: 'sallyport-port' }));
  const first = await open();
  const second = await open();
  expect(await ask(first.link)).toBe('first');
  expect(await ask(second.link)).toBe('second');
});

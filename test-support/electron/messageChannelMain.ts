import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { PortPart } from '../../src-main/hosts/desktop/electronParts.ts';

const nodePorts = new WeakMap<PortPart, MessagePort>();

/**
 * Wraps a real MessagePort with Electron's interface. No message arrives before `start`. `close` is emitted
 * only when the other side closes, because Electron guarantees no more. A transferred port does nothing.
 */
function createPortMain(nodePort: MessagePort): PortPart {
  const events = new EventEmitter();
  let isStarted = false;
  let isClosedHere = false;
  nodePort.on('close', () => {
    if (!isClosedHere) events.emit('close');
  });
  const port: PortPart = {
    on: events.on.bind(events),
    postMessage: (message) => {
      if (nodePorts.has(port)) nodePort.postMessage(message, []);
    },
    start: () => {
      if (isStarted || !nodePorts.has(port)) return;
      isStarted = true;
      nodePort.on('message', (data: unknown) => events.emit('message', { data, ports: [] }));
    },
    close: () => {
      isClosedHere = true;
      nodePort.close();
    },
  };
  nodePorts.set(port, nodePort);
  return port;
}

export function createMessageChannelMain(): { port1: PortPart; port2: PortPart } {
  const { port1, port2 } = new MessageChannel();
  return { port1: createPortMain(port1), port2: createPortMain(port2) };
}

/**
 * Transfers a port: returns the real port for the page, and disables the wrapper. Throws if the port was
 * already transferred.
 */
export function takeDomPort(port: PortPart): MessagePort {
  const nodePort = nodePorts.get(port);
  if (nodePort === undefined) throw new Error('Port at index 0 is already neutered.');
  nodePorts.delete(port);
  return nodePort;
}

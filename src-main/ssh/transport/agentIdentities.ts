// Uses the default import, because Node finds only some of the named exports in ssh2's CommonJS module.
import ssh2, { type OpenSSHAgent, type ParsedKey } from 'ssh2';
import { fingerprintOf, keyTypeOf, readSshString } from '../../../src-shared/base/sshWire.ts';

/** A key in the agent. If this driver can't use it, `reason` says why. */
export type AgentIdentity =
  | { usable: true; label: string; fingerprint: string; agent: OpenSSHAgent }
  | { usable: false; label: string; fingerprint: string; reason: string };

const listTimeoutMs = 5000;
export const noAgentReason = 'no agent runs (SSH_AUTH_SOCK is not set)';
/** Maximum length of a message of the agent protocol, as in OpenSSH. */
const maxMessageBytes = 256 * 1024;
const requestIdentities = Buffer.from([0, 0, 0, 1, 11]);
const identitiesAnswer = 12;

/**
 * Path of the agent's socket: `SSH_AUTH_SOCK`, or OpenSSH's pipe on Windows; null without an agent.
 * `SSH_AUTH_SOCK=pageant` means Pageant.
 */
export function defaultAgentPath(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  const socket = environment['SSH_AUTH_SOCK'];
  if (socket !== undefined && socket !== '') return socket;
  return platform === 'win32' ? String.raw`\\.\pipe\openssh-ssh-agent` : null;
}

/** The name of a key type as OpenSSH shows it: `ED25519`, `RSA` or `ECDSA`. */
export function keyTypeLabel(type: string): string {
  if (type === 'ssh-ed25519') return 'ED25519';
  if (type === 'ssh-rsa') return 'RSA';
  if (type.startsWith('ecdsa-sha2-')) return 'ECDSA';
  return type;
}

function reasonAgainst(type: string): string {
  if (type.startsWith('sk-')) return 'security keys (sk) are not supported by this driver';
  if (type.includes('-cert-v01')) return 'certificates are not supported by this driver';
  return `keys of type ${type} are not supported by this driver`;
}

/** Returns an agent that offers only this key, so that it is known which key the server refused. */
function agentWithOneKey(path: string, key: ParsedKey): OpenSSHAgent | null {
  const agent = ssh2.createAgent(path);
  if (!(agent instanceof ssh2.OpenSSHAgent)) return null;
  agent.getIdentities = (callback) => callback(null, [key]);
  return agent;
}

function identityOf(path: string, blob: Buffer): AgentIdentity {
  const type = keyTypeOf(blob) ?? 'unknown';
  const fingerprint = fingerprintOf(blob);
  const label = `${keyTypeLabel(type)} ${fingerprint}`;
  const key = ssh2.utils.parseKey(blob);
  const agent = key instanceof Error ? null : agentWithOneKey(path, key);
  if (agent === null) return { usable: false, label, fingerprint, reason: reasonAgainst(type) };
  return { usable: true, label, fingerprint, agent };
}

function parseAnswer(path: string, message: Buffer): AgentIdentity[] | null {
  if (message.length < 5 || message[0] !== identitiesAnswer) return null;
  const count = message.readUInt32BE(1);
  const identities: AgentIdentity[] = [];
  let offset = 5;
  for (let index = 0; index < count; index += 1) {
    const blob = readSshString(message, offset);
    const comment = blob === null ? null : readSshString(message, blob.next);
    if (blob === null || comment === null) return null;
    identities.push(identityOf(path, Buffer.from(blob.value)));
    offset = comment.next;
  }
  return identities;
}

/**
 * Lists all keys of the agent in its order. Also lists keys that can't be used, because ssh2's own list omits
 * them without a reason. Rejects with an Error whose message explains the problem.
 */
export function listAgentIdentities(path: string): Promise<AgentIdentity[]> {
  return new Promise((resolve, reject) => {
    const agent = ssh2.createAgent(path);
    if (agent.getStream === undefined) {
      reject(new Error('the agent can’t be asked for its keys'));
      return;
    }
    agent.getStream((error, stream) => {
      if (stream === undefined || error != null) {
        reject(new Error(`no agent answers at ${path}`));
        return;
      }
      let received = Buffer.alloc(0);
      const finish = (result: AgentIdentity[] | string) => {
        clearTimeout(timer);
        stream.removeAllListeners('data');
        stream.destroy();
        if (typeof result === 'string') reject(new Error(result));
        else resolve(result);
      };
      const timer = setTimeout(() => finish('the agent did not answer'), listTimeoutMs);
      stream.on('error', () => finish('the agent closed the connection'));
      stream.on('close', () => finish('the agent closed the connection'));
      stream.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length > maxMessageBytes) finish('the agent sent too much');
        const message = readSshString(received, 0);
        if (message !== null)
          finish(parseAnswer(path, Buffer.from(message.value)) ?? 'the agent sent a malformed answer');
      });
      stream.write(requestIdentities);
    });
  });
}

/** Finds the key with this fingerprint in the agent, or the reason why it can't be used. Never rejects. */
export async function findAgentIdentity(
  path: string | null,
  key: { label: string | null; fingerprint: string | null },
): Promise<{ agent: OpenSSHAgent } | { why: string }> {
  if (path === null) return { why: noAgentReason };
  let identities: AgentIdentity[];
  try {
    identities = await listAgentIdentities(path);
  } catch (error) {
    return { why: error instanceof Error ? error.message : 'the agent does not answer' };
  }
  const found = identities.find((identity) => identity.fingerprint === key.fingerprint);
  if (found === undefined) return { why: `the agent does not hold ${key.label ?? 'its key'}` };
  return found.usable ? { agent: found.agent } : { why: found.reason };
}

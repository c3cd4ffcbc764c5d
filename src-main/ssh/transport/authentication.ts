import type { KeyboardInteractiveCallback, Prompt } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import { listAgentIdentities, noAgentReason, type AgentIdentity } from './agentIdentities.ts';
import { createAttempts, type Attempts } from './attempts.ts';
import { readLockedKey, type LoadKeyFile } from './keyFile.ts';
import { offerKeyFile } from './keyFileOffer.ts';
import { limitText, type ServerTexts } from './serverTexts.ts';
import type { AskSecret, HopName } from '../types.ts';

/** How often the user may enter a wrong password, as in OpenSSH. */
const maxSecretAttempts = 3;
/**
 * Maximum number of agent keys that one server gets besides the entry's own **[ours]**. Stock sshd closes the
 * connection at the sixth refusal.
 */
const maxAgentKeys = 4;
/** Maximum number of agent keys in front of a key that needs its passphrase **[ours]**. */
const maxKeysBeforeQuestion = 2;
const maxPrompts = 16;

type Options = {
  hop: HopName;
  target: SshTarget;
  agentPath: string | null;
  loadKeyFile: LoadKeyFile;
  askSecret: AskSecret;
  onStep: (step: AuthenticationStep) => void;
  serverTexts: ServerTexts;
  /** Called once if the login fails, after the last attempt. */
  fail: (error: unknown) => void;
};
type Context = Options & {
  attempts: Attempts;
  username: string;
  /** Fingerprints of the keys that were offered, so that none is offered twice. */
  triedFingerprints: Set<string>;
};

/**
 * Logs in to one hop: the entry's key, the agent's keys, password, keyboard-interactive, in this order, as far
 * as the entry allows them. Reports every attempt to `onStep`. Stores no secret.
 */
export function createAuthentication(options: Options) {
  const attempts = createAttempts(options);
  let openQuestions = 0;
  const askSecret: AskSecret = async (question) => {
    openQuestions += 1;
    try {
      return await options.askSecret(question);
    } finally {
      openQuestions -= 1;
    }
  };
  const triedFingerprints = new Set<string>();
  const context = { ...options, askSecret, attempts, username: options.target.user, triedFingerprints };
  const { authentication } = options.target;
  let keyProblem: AppError | null = null;
  const failure = (reason?: string) => attempts.createLoginError(reason, keyProblem);

  async function logIn(): Promise<void> {
    // The method `none` only asks which methods the server allows. sshd does not count it as a failure.
    const none = { method: 'none', detail: 'asks which methods are allowed', words: 'none' } as const;
    await attempts.attempt(none, { type: 'none', username: context.username });
    keyProblem = await tryKeys(context);
    if (authentication.password) await tryPassword(context);
    if (authentication.keyboardInteractive) await tryKeyboardInteractive(context);
    options.fail(failure());
  }

  return {
    handler: attempts.handler(() => void logIn().catch(options.fail)),
    accepted: attempts.reportAccepted,
    hasTried: attempts.hasTried,
    /** Whether only the server's answer to a credential is missing, and no answer of the user. */
    isAwaited: () => attempts.isAwaited() && openQuestions === 0,
    failure,
  };
}

async function listIdentities({ agentPath, attempts }: Context): Promise<AgentIdentity[]> {
  if (agentPath === null) {
    attempts.skip('agent', noAgentReason);
    return [];
  }
  try {
    const identities = await listAgentIdentities(agentPath);
    if (identities.length === 0) attempts.skip('agent', 'the agent holds no key');
    return identities;
  } catch (error) {
    attempts.skip('agent', error instanceof Error ? error.message : 'the agent does not answer');
    return [];
  }
}

/** Offers the agent's keys in its order, and each key only once to a server. */
async function createAgentKeys(context: Context) {
  const { attempts, username, triedFingerprints } = context;
  const isOffered = context.target.authentication.agent && attempts.checkOffered('agent', 'publickey');
  const waiting = isOffered ? await listIdentities(context) : [];
  let offered = 0;

  async function offer(identity: AgentIdentity): Promise<void> {
    const { label, fingerprint } = identity;
    if (!identity.usable) return attempts.skip('agent', `${label}: ${identity.reason}`);
    if (triedFingerprints.has(fingerprint) || !attempts.allows('publickey')) return;
    triedFingerprints.add(fingerprint);
    offered += 1;
    const words = {
      method: 'agent',
      detail: `${label} from the agent`,
      words: `agent key ${label}`,
    } as const;
    await attempts.attempt(words, { type: 'agent', username, agent: identity.agent });
  }

  return {
    holds: (fingerprint: string | null) =>
      waiting.some((identity) => identity.usable && identity.fingerprint === fingerprint),
    /** Offers keys until `max` were offered in all. */
    offerUpTo: async (max: number): Promise<void> => {
      while (offered < max) {
        const identity = waiting.shift();
        if (identity === undefined) return;
        await offer(identity);
      }
    },
    skipRest: (): void => {
      for (const { label, fingerprint } of waiting.splice(0))
        if (!triedFingerprints.has(fingerprint))
          attempts.skip('agent', `${label}: ${maxAgentKeys} agent keys were refused already`);
    },
  };
}

/**
 * Whether the entry's key can be offered without a question: it is not encrypted, or the agent holds it. A key
 * that can't be read counts too, because it is skipped with its reason.
 */
async function isKeyFileReady(
  path: string,
  agentHolds: (fingerprint: string | null) => boolean,
): Promise<boolean> {
  try {
    const locked = await readLockedKey(path);
    return locked === null || locked.isPublic || locked.fault !== null || agentHolds(locked.fingerprint);
  } catch {
    return true;
  }
}

/**
 * Offers the key that the entry names first, because the server may allow few attempts, then the other keys of
 * the agent. If the key needs a question, a few keys of the agent come first. Resolves with the error if the key
 * file can't be used, otherwise with null.
 */
async function tryKeys(context: Context): Promise<AppError | null> {
  const { keyFile } = context.target.authentication;
  const agentKeys = await createAgentKeys(context);
  let problem: AppError | null = null;
  if (keyFile !== null) {
    if (!(await isKeyFileReady(keyFile, agentKeys.holds))) await agentKeys.offerUpTo(maxKeysBeforeQuestion);
    try {
      problem = await tryKeyFile(context, keyFile);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SECRET_NEEDED') throw error;
      await agentKeys.offerUpTo(maxAgentKeys);
      throw error;
    }
  }
  await agentKeys.offerUpTo(maxAgentKeys);
  agentKeys.skipRest();
  return problem;
}

/** Offers the key file. Resolves with the error if the file can't be used, otherwise with null. */
async function tryKeyFile(context: Context, path: string): Promise<AppError | null> {
  const { attempts } = context;
  if (!attempts.checkOffered('key-file', 'publickey')) return null;
  try {
    const { attempt, skip } = attempts;
    await offerKeyFile({ ...context, path, attempt, skip });
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'KEY_UNREADABLE') throw error;
    attempts.skip('key-file', error.message);
    return error;
  }
}

async function askPassword({ hop, askSecret }: Context, refused: boolean): Promise<string> {
  const kind = 'password';
  const fields = [{ label: 'Password', echo: false }];
  const answers = await askSecret({ hop, kind, title: `Password of ${hop}`, fields, refused });
  const password = answers?.[0];
  if (password !== undefined) return password;
  throw new AppError('SECRET_NEEDED', `${hop} needs a password, and none was entered.`, {
    detail: { hop, kind },
  });
}

async function tryPassword(context: Context): Promise<void> {
  const { attempts, username } = context;
  if (!attempts.checkOffered('password', 'password')) return;
  const words = { method: 'password', detail: 'password', words: 'password' } as const;
  for (let round = 0; round < maxSecretAttempts && attempts.allows('password'); round += 1) {
    const password = await askPassword(context, round > 0);
    const { partial } = await attempts.attempt(words, { type: 'password', username, password });
    if (partial) return;
  }
}

async function answerPrompts(
  { hop, askSecret }: Context,
  question: { name: string; instructions: string; prompts: Prompt[]; refused: boolean },
  finish: KeyboardInteractiveCallback,
): Promise<void> {
  const kind = 'keyboard-interactive';
  if (question.prompts.length > maxPrompts)
    throw new AppError(
      'AUTHENTICATION_FAILED',
      `${hop} asks for more than ${maxPrompts} questions at once.`,
      {
        detail: { hop },
      },
    );
  const title = limitText([question.name, question.instructions].filter((text) => text !== '').join(': '));
  const answers = await askSecret({
    hop,
    kind,
    title: title === '' ? `Log in to ${hop}` : title,
    fields: question.prompts.map(({ prompt, echo }) => ({ label: limitText(prompt), echo: echo === true })),
    refused: question.refused,
  });
  if (answers === null || answers.length !== question.prompts.length)
    throw new AppError('SECRET_NEEDED', `${hop} asked a question that was not answered.`, {
      detail: { hop, kind },
    });
  finish(answers);
}

async function tryKeyboardInteractive(context: Context): Promise<void> {
  const { attempts, username } = context;
  const type = 'keyboard-interactive';
  if (!attempts.checkOffered(type, type)) return;
  for (let round = 0; round < maxSecretAttempts && attempts.allows(type); round += 1) {
    let questions = 0;
    const { partial } = await attempts.attempt(
      { method: type, detail: type, words: type },
      {
        type,
        username,
        prompt: (name, instructions, _language, prompts, finish) => {
          questions += 1;
          const question = { name, instructions, prompts, refused: round > 0 };
          answerPrompts(context, question, finish).catch(context.fail);
        },
      },
    );
    // The server refused without asking anything, so another attempt would fail in the same way.
    if (partial || questions === 0) return;
  }
}

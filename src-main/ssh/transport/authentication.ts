import type {
  AnyAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  KeyboardInteractiveCallback,
  Prompt,
} from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { listAgentIdentities, noAgent, type AgentIdentity } from './agentIdentities.ts';
import type { LoadKeyFile } from './keyFile.ts';
import { offerKeyFile, type Tried } from './keyFileOffer.ts';
import type { AskSecret, HopName } from '../types.ts';

/** How often a person is asked for a password or the like before the log-in gives up, as OpenSSH has it. */
const secretAttempts = 3;
/** Agent keys offered to one server **[ours]**: stock sshd ends a connection at the sixth refusal, and the key file comes after. */
const agentKeyLimit = 4;

type StepMethod = AuthenticationStep['method'];
type Outcome = AuthenticationStep['outcome'];
/** What the server said to an attempt: refused, or accepted in part; and the methods that it goes on with. */
type Answer = { partial: boolean; left: readonly string[] };

export type Authentication = {
  /** For ssh2's `authHandler`. */
  handler: AuthHandlerMiddleware;
  /** Records that the running attempt let us in. */
  accepted: () => void;
  /** Whether the server has been given anything to refuse. */
  hasTried: () => boolean;
  /** The error that a log-in ends with when the server has had enough; `reason` is the server's own. */
  failure: (reason?: string) => AppError;
};

function bounded(text: string): string {
  const visible = visibleText(text).replaceAll(/\s+/g, ' ').trim();
  return visible.length > 512 ? `${visible.slice(0, 511)}…` : visible;
}

/**
 * Logs in to one hop: agent, key file, password, keyboard-interactive, in this order and each only where allowed. Every
 * attempt and every refusal is told to `onStep`. `fail` is called once when nothing is left to try. No secret is kept.
 */
export function createAuthentication(input: {
  hop: HopName;
  target: SshTarget;
  agentPath: string | null;
  loadKeyFile: LoadKeyFile;
  askSecret: AskSecret;
  onStep: (step: AuthenticationStep) => void;
  fail: (error: unknown) => void;
}): Authentication {
  const { hop, target, askSecret } = input;
  const { user: username, authentication } = target;
  const said: string[] = [];
  let refusals = 0;
  let left: readonly string[] | null = null;
  let running: Tried | null = null;
  let answer: ((answer: Answer) => void) | null = null;
  let offerNext: ((method: AnyAuthMethod) => void) | null = null;
  let keyProblem: AppError | null = null;
  let started = false;

  function step(entry: { method: StepMethod; outcome: Outcome; detail: string; words: string }): void {
    const { method, outcome } = entry;
    said.push(entry.words);
    input.onStep({ hop, method, outcome, detail: bounded(entry.detail), at: new Date().toISOString() });
  }

  /** Makes one attempt; resolves when the server did not let us in by it. */
  async function attempt(tried: Tried, method: AnyAuthMethod): Promise<Answer> {
    running = tried;
    const answered = new Promise<Answer>((resolve) => {
      answer = resolve;
    });
    offerNext?.(method);
    const result = await answered;
    running = null;
    left = result.left;
    if (tried.method === 'none') return result;
    if (result.partial) {
      step({
        ...tried,
        outcome: 'accepted',
        detail: `${tried.detail}; the server wants more`,
        words: `${tried.words} (accepted in part)`,
      });
    } else {
      refusals += 1;
      step({ ...tried, outcome: 'refused', words: `${tried.words} (refused)` });
    }
    return result;
  }

  const allows = (name: AuthenticationType) => left === null || left.includes(name);

  function skip(method: StepMethod, detail: string): void {
    step({ method, outcome: 'skipped', detail, words: `${methodWords[method]} skipped: ${detail}` });
  }

  /** False, and a step that says so, where the server does not offer the method. */
  function isOffered(method: StepMethod, name: AuthenticationType): boolean {
    if (allows(name)) return true;
    const detail = 'not allowed by the server';
    step({ method, outcome: 'skipped', detail, words: `${methodWords[method]} ${detail}` });
    return false;
  }

  async function tryAgent(): Promise<Set<string>> {
    const tried = new Set<string>();
    if (!isOffered('agent', 'publickey')) return tried;
    if (input.agentPath === null) {
      skip('agent', noAgent);
      return tried;
    }
    let identities: AgentIdentity[];
    try {
      identities = await listAgentIdentities(input.agentPath);
    } catch (error) {
      skip('agent', error instanceof Error ? error.message : 'the agent does not answer');
      return tried;
    }
    if (identities.length === 0) skip('agent', 'the agent holds no key');
    for (const identity of identities) {
      if (!identity.usable) skip('agent', `${identity.label}: ${identity.reason}`);
      else if (tried.size >= agentKeyLimit)
        skip('agent', `${identity.label}: ${agentKeyLimit} agent keys were refused already`);
      else if (allows('publickey')) {
        tried.add(identity.fingerprint);
        await attempt(
          {
            method: 'agent',
            detail: `${identity.label} from the agent`,
            words: `agent key ${identity.label}`,
          },
          { type: 'agent', username, agent: identity.agent },
        );
      }
    }
    return tried;
  }

  async function tryKeyFile(path: string, triedFingerprints: ReadonlySet<string>): Promise<void> {
    if (!isOffered('key-file', 'publickey')) return;
    const { agentPath, loadKeyFile } = input;
    const offer = { path, triedFingerprints, agentPath, loadKeyFile, askSecret, hop, username };
    try {
      await offerKeyFile({ ...offer, attempt, skip });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'KEY_UNREADABLE') throw error;
      keyProblem = error;
      skip('key-file', error.message);
    }
  }

  async function tryPassword(): Promise<void> {
    if (!isOffered('password', 'password')) return;
    for (let round = 0; round < secretAttempts && allows('password'); round += 1) {
      const answers = await askSecret({
        hop,
        kind: 'password',
        title: `Password of ${hop}`,
        fields: [{ label: 'Password', echo: false }],
        refused: round > 0,
      });
      const password = answers?.[0];
      if (password === undefined)
        throw new AppError('SECRET_NEEDED', `${hop} needs a password, and none was entered.`, {
          detail: { hop, kind: 'password' },
        });
      const result = await attempt(
        { method: 'password', detail: 'password', words: 'password' },
        { type: 'password', username, password },
      );
      if (result.partial) return;
    }
  }

  async function answerPrompts(
    question: { name: string; instructions: string; prompts: Prompt[]; refused: boolean },
    finish: KeyboardInteractiveCallback,
  ): Promise<void> {
    if (question.prompts.length > 16)
      throw new AppError('AUTHENTICATION_FAILED', `${hop} asks for more than 16 things at once.`, {
        detail: { hop },
      });
    const title = bounded([question.name, question.instructions].filter((text) => text !== '').join(': '));
    const answers = await askSecret({
      hop,
      kind: 'keyboard-interactive',
      title: title === '' ? `Log in to ${hop}` : title,
      fields: question.prompts.map(({ prompt, echo }) => ({ label: bounded(prompt), echo: echo === true })),
      refused: question.refused,
    });
    if (answers === null || answers.length !== question.prompts.length)
      throw new AppError('SECRET_NEEDED', `${hop} asked a question that was not answered.`, {
        detail: { hop, kind: 'keyboard-interactive' },
      });
    finish(answers);
  }

  async function tryKeyboardInteractive(): Promise<void> {
    if (!isOffered('keyboard-interactive', 'keyboard-interactive')) return;
    for (let round = 0; round < secretAttempts && allows('keyboard-interactive'); round += 1) {
      let asked = 0;
      const result = await attempt(
        { method: 'keyboard-interactive', detail: 'keyboard-interactive', words: 'keyboard-interactive' },
        {
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) => {
            asked += 1;
            answerPrompts({ name, instructions, prompts, refused: round > 0 }, finish).catch(input.fail);
          },
        },
      );
      // A server that refuses without a question would only be asked the same again.
      if (result.partial || asked === 0) return;
    }
  }

  function failure(reason?: string): AppError {
    // A server that has had enough hangs up instead of refusing the last attempt.
    if (running !== null) step({ ...running, outcome: 'refused', words: `${running.words} (refused)` });
    running = null;
    const tried = said.length === 0 ? 'nothing could be tried' : `tried ${said.join('; ')}`;
    const words = reason === undefined ? '' : ` The server said: ${bounded(reason)}`;
    if (keyProblem !== null && refusals === 0) return keyProblem;
    return new AppError('AUTHENTICATION_FAILED', `${hop} rejected the login: ${tried}.${words}`, {
      detail: { hop, tried: said, allowed: left },
    });
  }

  async function logIn(): Promise<void> {
    // `none` tells which methods the server goes on with; sshd does not count it as a failure.
    await attempt({ method: 'none', detail: 'no proof wanted', words: 'none' }, { type: 'none', username });
    const triedFingerprints = authentication.agent ? await tryAgent() : new Set<string>();
    if (authentication.keyFile !== null) await tryKeyFile(authentication.keyFile, triedFingerprints);
    if (authentication.password) await tryPassword();
    if (authentication.keyboardInteractive) await tryKeyboardInteractive();
    input.fail(failure());
  }

  return {
    handler(methodsLeft, partialSuccess, next) {
      offerNext = next;
      if (!started) {
        started = true;
        logIn().catch(input.fail);
        return;
      }
      const resolve = answer;
      answer = null;
      resolve?.({ partial: partialSuccess, left: methodsLeft });
    },
    accepted() {
      if (running === null) return;
      const { method, detail } = running;
      input.onStep({
        hop,
        method,
        outcome: 'accepted',
        detail: bounded(detail),
        at: new Date().toISOString(),
      });
    },
    hasTried: () => refusals > 0 || (running !== null && running.method !== 'none'),
    failure,
  };
}

const methodWords = {
  agent: 'agent',
  'key-file': 'key file',
  password: 'password',
  'keyboard-interactive': 'keyboard-interactive',
  none: 'none',
} as const satisfies Record<StepMethod, string>;

import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import type { HopName } from '../types.ts';
import type { LoginAttempt } from './keyFileOffer.ts';
import { limitText, type ServerTexts } from './serverTexts.ts';

type StepMethod = Exclude<AuthenticationStep['method'], 'message'>;
/** The server's answer to an attempt. `left` are the methods that may still be tried. */
type AttemptAnswer = { partial: boolean; remainingMethods: readonly string[] };

const methodWords = {
  agent: 'agent',
  'key-file': 'key file',
  password: 'password',
  'keyboard-interactive': 'keyboard-interactive',
  none: 'none',
} as const satisfies Record<StepMethod, string>;

/** Whether the attempt sends a secret at once. A key is only offered first, and judged when the server has taken it. */
const isSecret = ({ method }: LoginAttempt) => method === 'password' || method === 'keyboard-interactive';

/** Makes the login attempts with one server, one at a time, and reports each with its result. */
export function createAttempts(input: {
  hop: HopName;
  onStep: (step: AuthenticationStep) => void;
  serverTexts: ServerTexts;
}) {
  const { hop, serverTexts } = input;
  const attemptTexts: string[] = [];
  let refusals = 0;
  let left: readonly string[] | null = null;
  let running: LoginAttempt | null = null;
  let answer: ((answer: AttemptAnswer) => void) | null = null;
  let offer: ((method: AnyAuthMethod) => void) | null = null;

  function report(tried: LoginAttempt, outcome: AuthenticationStep['outcome'], note: string): void {
    if (note !== '') attemptTexts.push(`${tried.words} ${note}`);
    const at = new Date().toISOString();
    input.onStep({ hop, method: tried.method, outcome, detail: limitText(tried.detail), at });
  }

  const allows = (name: AuthenticationType) => left === null || left.includes(name);

  return {
    allows,
    /**
     * Returns ssh2's `authHandler`. `begin` is called once, when the server is ready for the first attempt.
     */
    handler(begin: () => void): AuthHandlerMiddleware {
      let hasBegun = false;
      return (methodsLeft, partialSuccess, next) => {
        offer = next;
        const resolve = answer;
        answer = null;
        if (hasBegun) resolve?.({ partial: partialSuccess, remainingMethods: methodsLeft });
        else begin();
        hasBegun = true;
      };
    },
    /** Makes one attempt. Resolves with the server's answer if the login is not complete yet. */
    attempt: async (tried: LoginAttempt, method: AnyAuthMethod): Promise<AttemptAnswer> => {
      const { promise, resolve } = Promise.withResolvers<AttemptAnswer>();
      running = tried;
      answer = resolve;
      serverTexts.startAttempt({ isComplete: isSecret(tried) });
      offer?.(method);
      const result = await promise;
      running = null;
      left = result.remainingMethods;
      if (tried.method === 'none') return result;
      if (result.partial) {
        report(
          { ...tried, detail: `${tried.detail}; the server requires another method` },
          'accepted',
          '(accepted in part)',
        );
      } else {
        refusals += 1;
        report(tried, 'refused', '(refused)');
      }
      return result;
    },
    skip: (method: StepMethod, detail: string): void => {
      report({ method, detail, words: methodWords[method] }, 'skipped', `skipped: ${detail}`);
    },
    /** Whether the server allows the method. If not, reports a skipped step. */
    checkOffered(method: StepMethod, name: AuthenticationType): boolean {
      if (allows(name)) return true;
      const detail = 'not allowed by the server';
      report({ method, detail, words: methodWords[method] }, 'skipped', detail);
      return false;
    },
    /** Reports that the current attempt completed the login. */
    reportAccepted: (): void => {
      if (running !== null) report(running, 'accepted', '');
    },
    /** Whether at least one credential was sent to the server. */
    hasTried: () => refusals > 0 || (running !== null && running.method !== 'none'),
    /** Whether the server has a credential and has not answered yet. */
    isAwaited: () => running !== null && running.method !== 'none',
    /**
     * The error of a failed login. `reason` is the server's text for ending the connection. Returns
     * `keyProblem` instead if the server has refused nothing.
     */
    createLoginError(reason: string | undefined, keyProblem: AppError | null): AppError {
      // Some servers close the connection instead of refusing the last attempt.
      if (running !== null)
        report(
          running,
          'refused',
          serverTexts.isJudging() && !isSecret(running)
            ? '(accepted, then the server closed the connection)'
            : '(refused)',
        );
      running = null;
      if (keyProblem !== null && refusals === 0) return keyProblem;
      const tried =
        attemptTexts.length === 0 ? 'no login method could be tried' : `tried ${attemptTexts.join('; ')}`;
      return new AppError(
        'AUTHENTICATION_FAILED',
        `${hop} rejected the login: ${tried}.${serverTexts.sentence(reason)}`,
        {
          detail: { hop, tried: attemptTexts, allowed: left },
        },
      );
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;

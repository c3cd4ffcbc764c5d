import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import type { HopName } from '../types.ts';
import type { LoginAttempt } from './keyFileOffer.ts';

type StepMethod = AuthenticationStep['method'];
/** The server's answer to an attempt: refused or partly accepted, and the methods that remain. */
type Answer = { partial: boolean; left: readonly string[] };

const maxTextLength = 512;

/** A server's text, shortened and made safe to show. */
export function limitText(text: string): string {
  const visible = visibleText(text).replaceAll(/\s+/g, ' ').trim();
  return visible.length > maxTextLength ? `${visible.slice(0, maxTextLength - 1)}…` : visible;
}

const methodWords = {
  agent: 'agent',
  'key-file': 'key file',
  password: 'password',
  'keyboard-interactive': 'keyboard-interactive',
  none: 'none',
} as const satisfies Record<StepMethod, string>;

/** The login attempts with one server: makes them one at a time, and records each with its answer. */
export function createAttempts(input: { hop: HopName; onStep: (step: AuthenticationStep) => void }) {
  const { hop } = input;
  const tries: string[] = [];
  let refusals = 0;
  let left: readonly string[] | null = null;
  let running: LoginAttempt | null = null;
  let answer: ((answer: Answer) => void) | null = null;
  let offer: ((method: AnyAuthMethod) => void) | null = null;

  function report(tried: LoginAttempt, outcome: AuthenticationStep['outcome'], note: string): void {
    if (note !== '') tries.push(`${tried.words} ${note}`);
    const at = new Date().toISOString();
    input.onStep({ hop, method: tried.method, outcome, detail: limitText(tried.detail), at });
  }

  const allows = (name: AuthenticationType) => left === null || left.includes(name);

  return {
    allows,
    /** For ssh2's `authHandler`; `begin` is called once, when the server is ready for the first attempt. */
    handler(begin: () => void): AuthHandlerMiddleware {
      let hasBegun = false;
      return (methodsLeft, partialSuccess, next) => {
        offer = next;
        const resolve = answer;
        answer = null;
        if (hasBegun) resolve?.({ partial: partialSuccess, left: methodsLeft });
        else begin();
        hasBegun = true;
      };
    },
    /** Makes one attempt; resolves if it did not complete the login. */
    attempt: async (tried: LoginAttempt, method: AnyAuthMethod): Promise<Answer> => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      running = tried;
      answer = resolve;
      offer?.(method);
      const result = await promise;
      running = null;
      left = result.left;
      if (tried.method === 'none') return result;
      if (result.partial) {
        report(
          { ...tried, detail: `${tried.detail}; the server wants more` },
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
    /** If the server does not offer the method, reports a step that says so. */
    isOffered(method: StepMethod, name: AuthenticationType): boolean {
      if (allows(name)) return true;
      const detail = 'not allowed by the server';
      report({ method, detail, words: methodWords[method] }, 'skipped', detail);
      return false;
    },
    /** Records that the running attempt completed the login. */
    accepted: (): void => {
      if (running !== null) report(running, 'accepted', '');
    },
    /** Whether at least one credential was offered. */
    hasTried: () => refusals > 0 || (running !== null && running.method !== 'none'),
    /**
     * The error that ends a login; `reason` is the server's own. If no key was refused, `keyProblem` takes precedence.
     */
    failure(reason: string | undefined, keyProblem: AppError | null): AppError {
      // A server may disconnect instead of refusing the last attempt.
      if (running !== null) report(running, 'refused', '(refused)');
      running = null;
      if (keyProblem !== null && refusals === 0) return keyProblem;
      const tried = tries.length === 0 ? 'nothing could be tried' : `tried ${tries.join('; ')}`;
      const words = reason === undefined ? '' : ` The server said: ${limitText(reason)}`;
      return new AppError('AUTHENTICATION_FAILED', `${hop} rejected the login: ${tried}.${words}`, {
        detail: { hop, tried: tries, allowed: left },
      });
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;

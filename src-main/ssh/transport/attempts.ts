import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { AuthenticationStep } from '../../../src-shared/model/appliance/link.ts';
import type { HopName } from '../types.ts';
import type { Tried } from './keyFileOffer.ts';

type StepMethod = AuthenticationStep['method'];
/** The server's answer to an attempt: refused, or accepted in part; and the methods that it goes on with. */
type Answer = { partial: boolean; left: readonly string[] };

const maxTextLength = 512;

/** A server's text made harmless and short. */
export function boundedText(text: string): string {
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

/** One server's attempts, in order: makes them one at a time, and remembers what was tried and how it was answered. */
export function createAttempts(input: { hop: HopName; onStep: (step: AuthenticationStep) => void }) {
  const { hop } = input;
  const tries: string[] = [];
  let refusals = 0;
  let left: readonly string[] | null = null;
  let running: Tried | null = null;
  let answer: ((answer: Answer) => void) | null = null;
  let offer: ((method: AnyAuthMethod) => void) | null = null;

  function report(tried: Tried, outcome: AuthenticationStep['outcome'], note: string): void {
    if (note !== '') tries.push(`${tried.words} ${note}`);
    const at = new Date().toISOString();
    input.onStep({ hop, method: tried.method, outcome, detail: boundedText(tried.detail), at });
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
    /** Makes one attempt; resolves if the server did not let us in by it. */
    attempt: async (tried: Tried, method: AnyAuthMethod): Promise<Answer> => {
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
    /** Records that the running attempt let us in. */
    accepted: (): void => {
      if (running !== null) report(running, 'accepted', '');
    },
    /** Whether the server has been given anything to refuse. */
    hasTried: () => refusals > 0 || (running !== null && running.method !== 'none'),
    /** The error that a login ends with; `reason` is the server's own. `keyProblem` wins if no key was refused. */
    failure(reason: string | undefined, keyProblem: AppError | null): AppError {
      // A server that has had enough hangs up instead of refusing the last attempt.
      if (running !== null) report(running, 'refused', '(refused)');
      running = null;
      if (keyProblem !== null && refusals === 0) return keyProblem;
      const tried = tries.length === 0 ? 'nothing could be tried' : `tried ${tries.join('; ')}`;
      const words = reason === undefined ? '' : ` The server said: ${boundedText(reason)}`;
      return new AppError('AUTHENTICATION_FAILED', `${hop} rejected the login: ${tried}.${words}`, {
        detail: { hop, tried: tries, allowed: left },
      });
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;

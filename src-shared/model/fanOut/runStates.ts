import { z } from 'zod';
import type { ErrorCode } from '../../errorCodes.ts';
import type { Tone } from '../tunnels/tone.ts';

export const applianceStateSchema = z.enum([
  'not-started',
  'running',
  'watched',
  'done',
  'failed',
  'unknown',
  'stopped',
  'skipped',
  'rolled-back',
]);
export type ApplianceState = z.infer<typeof applianceStateSchema>;

type StateFacts = {
  word: string;
  sign: string;
  tone: Tone;
  /** `--resume` runs it again. */
  isRest: boolean;
  /** Counts towards the number of failures that stops a run. */
  isFailure: boolean;
  /** The command was sent. */
  hasRun: boolean;
};

const waiting = { isRest: true, isFailure: false, hasRun: false } as const;
const failed = { isRest: true, isFailure: true, hasRun: true } as const;
const ran = { isRest: false, isFailure: false, hasRun: true } as const;

/** Where an appliance stands in a run. Only `done` and `watched` say that the command succeeded there. */
export const applianceStates: Readonly<Record<ApplianceState, StateFacts>> = {
  'not-started': { ...waiting, word: 'not started', sign: '○', tone: 'off' },
  running: { ...ran, word: 'running', sign: '◌', tone: 'unknown' },
  /** Done, and its tunnels are watched before the first wave. */
  watched: { ...ran, word: 'done, watched', sign: '◌', tone: 'unknown' },
  done: { ...ran, word: 'done', sign: '✓', tone: 'ok' },
  failed: { ...failed, word: 'failed', sign: '✕', tone: 'bad' },
  /** The link was cut after the command was sent, so the appliance may have changed. */
  unknown: { ...failed, word: 'outcome unknown', sign: '?', tone: 'warn' },
  /** The console ended while the command ran. */
  stopped: { ...failed, word: 'stopped', sign: '?', tone: 'warn' },
  skipped: { ...waiting, isRest: false, word: 'skipped', sign: '–', tone: 'off' },
  'rolled-back': { ...ran, word: 'rolled back', sign: '↶', tone: 'warn' },
};

export const skipReasonSchema = z.enum([
  'read-only',
  'host-key-changed',
  'host-key-unknown',
  'login',
  'away',
  'disconnected',
  'kit-too-old',
  'no-such-tenant',
  'unchanged',
  'removed',
  'not-possible',
]);
export type SkipReason = z.infer<typeof skipReasonSchema>;

type SkipFacts = {
  word: string;
  tone: Tone;
  /** Nothing is left to do there, so the run is complete without it. */
  isComplete?: true;
  /** The appliance can't be used now, which may also show only at its turn. */
  isUnusable?: true;
  /** The errors with which an appliance is skipped for this reason. */
  codes: readonly ErrorCode[];
};

/** Why an appliance is left out. Nothing was sent to it that changes anything. */
export const skipReasons: Readonly<Record<SkipReason, SkipFacts>> = {
  'read-only': { word: 'read-only', tone: 'off', isUnusable: true, codes: ['APPLIANCE_LOCKED'] },
  'host-key-changed': {
    word: 'host key changed',
    tone: 'bad',
    isUnusable: true,
    codes: ['HOST_KEY_CHANGED', 'HOST_KEY_REVOKED'],
  },
  'host-key-unknown': {
    word: 'host key not confirmed',
    tone: 'warn',
    isUnusable: true,
    codes: ['HOST_KEY_UNKNOWN'],
  },
  login: {
    word: 'login needed',
    tone: 'warn',
    isUnusable: true,
    codes: ['AUTHENTICATION_FAILED', 'SECRET_NEEDED', 'VAULT_LOCKED', 'KEY_UNREADABLE'],
  },
  away: {
    word: 'away',
    tone: 'warn',
    isUnusable: true,
    codes: ['CONNECT_FAILED', 'CONNECT_TIMEOUT', 'LINK_LOST', 'ALGORITHMS_REFUSED'],
  },
  disconnected: {
    word: 'disconnected',
    tone: 'off',
    isUnusable: true,
    codes: ['LINK_NOT_READY', 'CANCELLED'],
  },
  'kit-too-old': { word: 'kit too old', tone: 'warn', codes: ['COMMAND_MISSING'] },
  'no-such-tenant': { word: 'no such tenant', tone: 'off', codes: ['NOT_FOUND'] },
  unchanged: { word: 'has it already', tone: 'off', isComplete: true, codes: ['ALREADY_EXISTS'] },
  removed: { word: 'no longer in this console', tone: 'off', codes: [] },
  'not-possible': { word: 'not possible', tone: 'warn', codes: [] },
};

/** The reason for an error that came before anything was changed. */
export function skipReasonOf(code: ErrorCode): SkipReason {
  return (
    skipReasonSchema.options.find((reason) => skipReasons[reason].codes.includes(code)) ?? 'not-possible'
  );
}

export const runStateSchema = z.enum(['running', 'rolling-back', 'finished', 'stopped']);
export const stopCauseSchema = z.enum(['failures', 'canary', 'operator', 'console', 'storage']);
export type StopCause = z.infer<typeof stopCauseSchema>;

/** Why nothing new was started in a run. */
export const stopCauses: Readonly<Record<StopCause, { text: string }>> = {
  failures: { text: 'stopped after failures' },
  canary: { text: 'stopped: the canary did not pass' },
  operator: { text: 'stopped by the operator' },
  console: { text: 'stopped: the console ended' },
  storage: { text: 'stopped: results could not be stored' },
};

import { AppError, fromErrorData } from '../../../src-shared/errors.ts';
import type { LinkState } from '../../../src-shared/model/appliance/link.ts';

/** Returns an error that explains why a link is not up. Null if it is up. */
export function linkError(appliance: { name: string }, state: LinkState): AppError | null {
  switch (state.state) {
    case 'connected':
      return null;
    case 'retrying':
    case 'stopped':
      return fromErrorData(state.error);
    case 'waiting-host-key':
      return new AppError(
        'HOST_KEY_UNKNOWN',
        `The host key of ${state.hop} is not pinned yet: ${state.offered.type} ${state.offered.fingerprint}.`,
        { detail: { hop: state.hop, offered: state.offered, pinned: null } },
      );
    case 'waiting-secret':
      return new AppError('SECRET_NEEDED', `A secret for ${state.hop} is needed.`, {
        detail: { hop: state.hop },
      });
    case 'idle':
      if (state.reason === 'queued')
        return new AppError(
          'LINK_NOT_READY',
          `${appliance.name} waits for a free link: this console has as many links as its settings allow.`,
        );
      return new AppError('CONNECT_TIMEOUT', `${appliance.name} did not answer in time.`);
    case 'connecting':
      return new AppError('CONNECT_TIMEOUT', `${state.hop} did not answer in time.`, {
        detail: { hop: state.hop },
      });
  }
}

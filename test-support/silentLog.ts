import { createLog } from '../src-main/base/log.ts';

/** A log that writes nothing. */
export const silentLog = createLog({ level: 'silent' });

import { createPolicy } from '../src-main/policy/policy.ts';
import { noChangeFeed } from './noChangeFeed.ts';
import { silentLog } from './silentLog.ts';

/** The policy of a computer without a policy file. */
export const noPolicy = createPolicy({ paths: [], clock: Date.now, log: silentLog, changes: noChangeFeed });

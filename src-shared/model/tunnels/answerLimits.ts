import { secondMs } from '../../base/time.ts';

/** Time limit of a test, from the open connection to the complete answer **[ours]**. */
export const maxAnswerMs = 10 * secondMs;
/**
 * Time limit of Connect for opening a connection to a repository. Half of the test's limit, so that a test
 * always sees the end of the attempt **[ours]**.
 */
export const maxDialMs = maxAnswerMs / 2;
/**
 * If the service refuses connections, the tunnel's connection is closed within this time, after one round
 * trip to the tenant **[ours]**. A later end may come from an attempt to connect that found nothing.
 */
export const maxRefusalMs = 1.5 * secondMs;

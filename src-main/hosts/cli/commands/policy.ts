import { AppError } from '../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { describePolicyProblem, lockKey, type Policy } from '../../../../src-shared/model/policy/policy.ts';
import { policyPaths, readPolicy } from '../../../policy/policyFile.ts';
import { formatTable, type Output } from '../output.ts';

const stateTexts: Record<Policy['state'], string> = {
  absent: 'There is no such file. Nothing is locked or forbidden.',
  valid: 'Valid.',
  faulty: 'Faulty. The connected window is forbidden until the file is corrected.',
};

function policyText(policy: Policy): string {
  const { path, state, connectedWindow, locks, problems, warnings } = policy;
  return [
    `Policy file: ${path}`,
    stateTexts[state],
    ...problems.map((problem) => describePolicyProblem(path, problem)),
    ...warnings,
    ...(state === 'absent' ? [] : [`Connected window: ${connectedWindow}`]),
    ...(locks.length === 0
      ? []
      : [
          '',
          formatTable(
            ['LOCKED', 'VALUE'],
            locks.map((lock) => [lockKey(lock), lock.shown]),
          ),
        ]),
  ].join('\n');
}

function printPolicy(output: Output, policy: Policy): void {
  const locks = policy.locks.map((lock) => ({ key: lockKey(lock), value: lock.value, shown: lock.shown }));
  output.print({ ...policy, locks }, () => policyText(policy));
}

/** Prints the policy of this computer. Exit code: 1 if its file is faulty. */
export function showPolicy(output: Output): Promise<number> {
  const policy = readPolicy(policyPaths(), Date.now());
  printPolicy(output, policy);
  return Promise.resolve(policy.state === 'faulty' ? exitCodes.failed : exitCodes.done);
}

/** Checks a file as if it were the policy of this computer. Exit code: 2 if it is faulty. Rejects with NOT_FOUND. */
export function checkPolicy(output: Output, file: string): Promise<number> {
  // Its rights matter only once it is installed.
  const policy = { ...readPolicy([file], Date.now()), warnings: [] };
  if (policy.state === 'absent') return Promise.reject(new AppError('NOT_FOUND', `${file} does not exist.`));
  printPolicy(output, policy);
  return Promise.resolve(policy.state === 'faulty' ? exitCodes.usage : exitCodes.done);
}

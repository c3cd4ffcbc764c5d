import { taskKinds } from '../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { exportRun } from '../fanOut/exportRun.ts';
import { assertRole, type CallContext } from './context.ts';
import { procedures } from './procedures.ts';

const { fanOut } = procedures;

const mayRun = (context: CallContext, task: RunTask): void => assertRole(context, taskKinds[task.kind].role);

/** The service, once the caller may run the task of the prepared or kept run. */
function serviceFor(context: CallContext, which: { draftId: string } | { number: number }) {
  const service = context.services.fanOut;
  mayRun(context, service.taskOf(which));
  return service;
}

/** Runs on many appliances. The role that each needs depends on the task. */
export const fanOutProcedures = {
  prepare: fanOut.prepare.handler(async ({ context, input }) => {
    mayRun(context, input.task);
    return { prepared: await context.services.fanOut.prepare(input) };
  }),
  prepareRest: fanOut.prepareRest.handler(async ({ context, input }) => ({
    prepared: await serviceFor(context, input).prepareRest(input.number),
  })),
  start: fanOut.start.handler(({ context, input }) => ({ run: serviceFor(context, input).start(input) })),
  get: fanOut.get.handler(({ context, input }) => ({ run: context.services.fanOut.view(input.number) })),
  list: fanOut.list.handler(({ context }) => ({ runs: context.services.fanOut.list() })),
  output: fanOut.output.handler(({ context, input }) => context.services.fanOut.output(input)),
  stop: fanOut.stop.handler(({ context, input }) => ({ run: serviceFor(context, input).stop(input.number) })),
  rollBack: fanOut.rollBack.handler(({ context, input }) => ({
    run: serviceFor(context, input).rollBack(input),
  })),
  export: fanOut.export.handler(({ context, input: { number, format } }) => {
    const { view, results } = context.services.fanOut;
    return exportRun(view(number), results(number), format);
  }),
};

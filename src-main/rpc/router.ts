import { implement } from '@orpc/server';
import { contract } from '../../src-shared/contract/index.ts';
import { requireRole, type CallContext } from './context.ts';
import { mapStreamErrors } from './errors.ts';

const base = implement(contract).$context<CallContext>().use(requireRole);
const { appliances, audit, fleet, syslog, system, tenants } = base;

/** Answers the contract with the console's services, and holds no logic of its own. */
export const router = base.router({
  appliances: {
    list: appliances.list.handler(({ context }) => ({ appliances: context.console.inventory.list() })),
    add: appliances.add.handler(async ({ context, input }) => ({
      appliance: await context.console.appliances.add(input.appliance, input.hostKey),
    })),
    edit: appliances.edit.handler(async ({ context, input }) => ({
      appliance: await context.console.appliances.edit(input.id, input.appliance),
    })),
    remove: appliances.remove.handler(async ({ context, input }) => {
      await context.console.appliances.remove(input.id, input.name);
      return {};
    }),
    scanHostKey: appliances.scanHostKey.handler(({ context, input }) =>
      context.console.appliances.scanHostKey(input.target, input.jumps),
    ),
    connect: appliances.connect.handler(async ({ context, input }) => {
      await context.console.appliances.connect(input.id);
      return {};
    }),
    disconnect: appliances.disconnect.handler(async ({ context, input }) => {
      await context.console.appliances.disconnect(input.id);
      return {};
    }),
    acceptHostKey: appliances.acceptHostKey.handler(async ({ context, input }) => {
      await context.console.appliances.acceptHostKey(input.id, input.fingerprint);
      return {};
    }),
    replaceHostKey: appliances.replaceHostKey.handler(async ({ context, input }) => {
      await context.console.appliances.replaceHostKey(input);
      return {};
    }),
    explain: appliances.explain.handler(({ context, input }) => context.console.appliances.explain(input.id)),
    prompts: appliances.prompts.handler(({ context }) => ({ prompts: context.console.prompts.list() })),
    answerPrompt: appliances.answerPrompt.handler(async ({ context, input }) => {
      await context.console.appliances.answerPrompt(input.promptId, input.answers);
      return {};
    }),
    dismissPrompt: appliances.dismissPrompt.handler(async ({ context, input }) => {
      await context.console.appliances.dismissPrompt(input.promptId);
      return {};
    }),
  },
  fleet: {
    overview: fleet.overview.handler(({ context }) => ({ appliances: context.console.fleet.overview() })),
    watch: fleet.watch.handler(({ context, signal }) =>
      mapStreamErrors(
        context.console.watchFleet(signal ?? new AbortController().signal),
        context.console.log,
      ),
    ),
    refresh: fleet.refresh.handler(async ({ context, input }) => {
      const { inventory } = context.console;
      const all = () => inventory.list().map((entry) => entry.id);
      await context.console.fleet.refresh(input.id === null ? all() : [inventory.get(input.id).id]);
      return {};
    }),
  },
  tenants: {
    list: tenants.list.handler(({ context, input }) => ({
      tenants: context.console.fleet.tenants(input.applianceId),
    })),
  },
  syslog: {
    tail: syslog.tail.handler(({ context, input, signal }) => {
      const request = { ...input, signal: signal ?? new AbortController().signal };
      return mapStreamErrors(context.console.tailSyslog(request), context.console.log);
    }),
    ack: syslog.ack.handler(({ context, input }) => {
      context.console.syslog.ack(input.streamId, input.batch);
      return {};
    }),
  },
  audit: {
    list: audit.list.handler(({ context, input }) => context.console.audit.list(input)),
    verify: audit.verify.handler(({ context }) => context.console.audit.verify()),
  },
  system: {
    about: system.about.handler(({ context }) => ({ ...context.console.about, role: context.role })),
  },
});

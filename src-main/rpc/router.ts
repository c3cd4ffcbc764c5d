import { implement } from '@orpc/server';
import { contract } from '../../src-shared/contract/index.ts';
import { requireRole, type CallContext } from './context.ts';
import { mapStreamErrors } from './errors.ts';

const base = implement(contract).$context<CallContext>().use(requireRole);
const { appliances, audit, fleet, notifications, ports, syslog, system, tenants } = base;

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
      context.console.appliances.scanHostKey(input.target, input.jumps, input.legacyAlgorithms),
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
      tenants: context.console.ports.tenants(input.applianceId),
    })),
    plan: tenants.plan.handler(async ({ context, input }) => ({
      plan: await context.console.tenants.plan(input),
    })),
    apply: tenants.apply.handler(async ({ context, input }) => ({
      outcome: await context.console.tenants.apply(input),
    })),
    addMany: tenants.addMany.handler(({ context, input, signal }) => {
      const request = { ...input, signal: signal ?? new AbortController().signal };
      return mapStreamErrors(context.console.tenants.addMany(request), context.console.log);
    }),
    handOver: tenants.handOver.handler(({ context, input }) => context.console.handOver(input)),
  },
  ports: {
    list: ports.list.handler(({ context, input }) => ({
      rows: context.console.ports.list(input.applianceId),
    })),
    capacity: ports.capacity.handler(({ context, input }) => ({
      appliances: context.console.ports.capacity(input.applianceId),
    })),
    detail: ports.detail.handler(({ context, input }) => context.console.ports.detail(input)),
    diagnose: ports.diagnose.handler(async ({ context, input }) => ({
      diagnosis: await context.console.ports.diagnose(input),
    })),
    probe: ports.probe.handler(({ context, input }) => context.console.prober.probe(input)),
    probing: ports.probing.handler(({ context }) => ({ probing: context.console.prober.settings() })),
    setProbing: ports.setProbing.handler(async ({ context, input }) => {
      await context.console.prober.setSettings(input.probing);
      return {};
    }),
  },
  notifications: {
    list: notifications.list.handler(({ context }) => context.console.notifications.list()),
    markSeen: notifications.markSeen.handler(({ context, input }) => {
      context.console.notifications.markSeen(input);
      return {};
    }),
    rules: notifications.rules.handler(({ context }) => ({ rules: context.console.notifications.rules() })),
    setRules: notifications.setRules.handler(async ({ context, input }) => {
      await context.console.notifications.setRules(input.rules);
      return {};
    }),
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

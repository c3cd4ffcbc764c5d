import { minuteMs } from '../../src-shared/base/time.ts';
import { findPolicyNotice } from '../../src-shared/model/policy/policy.ts';
import { readNotices } from '../base/shippedFiles.ts';
import { mapStreamErrors } from './errors.ts';
import { fanOutProcedures } from './fanOutProcedures.ts';
import { procedures } from './procedures.ts';
import { secretProcedures } from './secretProcedures.ts';

const {
  appliances,
  audit,
  configuration,
  connectedWindow,
  fleet,
  licences,
  logExport,
  logs,
  logWatch,
  notifications,
  ports,
  syslog,
  system,
  tenants,
  usage,
  usageChanges,
} = procedures;

/** Maps each procedure of the contract to a service. Contains no logic. */
export const router = procedures.router({
  appliances: {
    list: appliances.list.handler(({ context }) => ({ appliances: [...context.services.inventory.list()] })),
    add: appliances.add.handler(async ({ context, input }) => ({
      appliance: await context.services.appliances.add(input.appliance, input.hostKey),
    })),
    edit: appliances.edit.handler(async ({ context, input }) => ({
      appliance: await context.services.appliances.edit(input.id, input.appliance, { fields: input.changes }),
    })),
    setConnect: appliances.setConnect.handler(async ({ context, input }) => {
      await context.services.appliances.setConnect(input.ids, input.connect);
      return {};
    }),
    setLock: appliances.setLock.handler(async ({ context, input }) => ({
      appliance: await context.services.appliances.setLock(input.id, input.locked),
    })),
    importPreview: appliances.importPreview.handler(({ context, input }) =>
      context.services.imports.preview(input.source),
    ),
    import: appliances.import.handler(async ({ context, input }) => ({
      results: await context.services.imports.importRows(input.rows),
    })),
    remove: appliances.remove.handler(async ({ context, input }) => {
      await context.services.appliances.remove(input.id, input.name);
      return {};
    }),
    scanHostKey: appliances.scanHostKey.handler(({ context, input }) =>
      context.services.appliances.scanHostKey(input),
    ),
    connect: appliances.connect.handler(async ({ context, input }) => {
      await context.services.appliances.connect(input.id);
      return {};
    }),
    disconnect: appliances.disconnect.handler(async ({ context, input }) => {
      await context.services.appliances.disconnect(input.id);
      return {};
    }),
    openTerminal: appliances.openTerminal.handler(async ({ context, input }) => {
      await context.services.appliances.openTerminal(input.id);
      return {};
    }),
    acceptHostKey: appliances.acceptHostKey.handler(async ({ context, input }) => {
      await context.services.appliances.acceptHostKey(input.id, input.fingerprint, input.expected);
      return {};
    }),
    replaceHostKey: appliances.replaceHostKey.handler(async ({ context, input }) => {
      await context.services.appliances.replaceHostKey(input);
      return {};
    }),
    explain: appliances.explain.handler(({ context, input }) =>
      context.services.appliances.explain(input.id),
    ),
    linkLimits: appliances.linkLimits.handler(({ context: { services } }) => ({
      limits: services.linkLimits.get(),
      ...services.links.counts(),
    })),
    setLinkLimits: appliances.setLinkLimits.handler(async ({ context, input }) => {
      await context.services.linkLimits.set(input.limits);
      return {};
    }),
    prompts: appliances.prompts.handler(({ context }) => ({ prompts: context.services.prompts.list() })),
    answerPrompt: appliances.answerPrompt.handler(async ({ context, input }) => {
      await context.services.appliances.answerPrompt(input.promptId, input.answers);
      return {};
    }),
    dismissPrompt: appliances.dismissPrompt.handler(async ({ context, input }) => {
      await context.services.appliances.dismissPrompt(input.promptId);
      return {};
    }),
  },
  fleet: {
    overview: fleet.overview.handler(({ context }) => ({ appliances: context.services.fleet.overview() })),
    watch: fleet.watch.handler(({ context, signal }) =>
      mapStreamErrors(
        context.services.watchFleet(signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    look: fleet.look.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.fleet.look(
          context.services.inventory.get(input.id).id,
          signal ?? new AbortController().signal,
        ),
        context.services.log,
      ),
    ),
    refresh: fleet.refresh.handler(async ({ context, input }) => {
      const { inventory } = context.services;
      const all = () => inventory.list().map((entry) => entry.id);
      await context.services.fleet.refresh(input.id === null ? all() : [inventory.get(input.id).id]);
      return {};
    }),
  },
  tenants: {
    list: tenants.list.handler(({ context, input }) => ({
      tenants: context.services.ports.tenants(input.applianceId),
    })),
    plan: tenants.plan.handler(async ({ context, input }) => ({
      plan: await context.services.tenants.plan(input),
    })),
    apply: tenants.apply.handler(async ({ context, input }) => ({
      outcome: await context.services.tenants.apply(input),
    })),
    groupKeys: tenants.groupKeys.handler(async ({ context, input }) => ({
      groupKeys: await context.services.groupKeys.list(input),
    })),
    showGroupKey: tenants.showGroupKey.handler(async ({ context, input }) => ({
      key: await context.services.groupKeys.show(input),
    })),
    rotateGroupKey: tenants.rotateGroupKey.handler(async ({ context, input }) => ({
      groupKey: await context.services.groupKeys.rotate(input),
    })),
    note: tenants.note.handler(({ context, input }) => ({ note: context.services.tenantNotes.get(input) })),
    setNote: tenants.setNote.handler(async ({ context, input }) => {
      const { note, basis, ...tenant } = input;
      await context.services.tenantNotes.set(tenant, note, basis);
      return {};
    }),
    customerSender: tenants.customerSender.handler(({ context }) => ({
      sender: context.services.customerSender.get(),
    })),
    setCustomerSender: tenants.setCustomerSender.handler(async ({ context, input }) => {
      await context.services.customerSender.set(input.sender);
      return {};
    }),
    handOver: tenants.handOver.handler(({ context, input }) => context.services.handOver(input)),
  },
  ports: {
    list: ports.list.handler(({ context, input }) => ({
      rows: context.services.ports.list(input.applianceId),
    })),
    capacity: ports.capacity.handler(({ context, input }) => ({
      appliances: context.services.ports.capacity(input.applianceId),
    })),
    detail: ports.detail.handler(({ context, input }) => context.services.ports.detail(input)),
    traffic: ports.traffic.handler(async ({ context, input }) => ({
      traffic: await context.services.traffic.measure(input),
    })),
    history: ports.history.handler(({ context, input }) => ({
      history: context.services.ports.history(input),
    })),
    availability: ports.availability.handler(({ context, input }) => ({
      tunnels: context.services.ports.availability(input),
    })),
    diagnose: ports.diagnose.handler(async ({ context, input }) => ({
      diagnosis: await context.services.ports.diagnose(input),
    })),
    probe: ports.probe.handler(({ context, input }) => context.services.prober.probe(input)),
    probing: ports.probing.handler(({ context }) => ({ probing: context.services.prober.settings() })),
    setProbing: ports.setProbing.handler(async ({ context, input }) => {
      await context.services.prober.setSettings(input.probing);
      return {};
    }),
  },
  notifications: {
    list: notifications.list.handler(({ context }) => context.services.notifications.list()),
    markSeen: notifications.markSeen.handler(({ context, input }) => {
      context.services.notifications.markSeen(input);
      return {};
    }),
    rules: notifications.rules.handler(({ context }) => ({ rules: context.services.notifications.rules() })),
    setRules: notifications.setRules.handler(async ({ context, input }) => {
      await context.services.notifications.setRules(input.rules);
      return {};
    }),
    targets: notifications.targets.handler(({ context }) => ({
      targets: context.services.notificationTargets.list(),
      isRunning: context.services.notificationTargets.isRunning(),
    })),
    addTarget: notifications.addTarget.handler(async ({ context, input }) => {
      await context.services.notificationTargets.add(input.target);
      return {};
    }),
    removeTarget: notifications.removeTarget.handler(async ({ context, input }) => {
      await context.services.notificationTargets.remove(input.name);
      return {};
    }),
    testTargets: notifications.testTargets.handler(async ({ context, input }) => ({
      results: await context.services.notificationTargets.test(input.names),
    })),
  },
  configuration: {
    show: configuration.show.handler(({ context, input }) => context.services.configuration.show(input)),
    check: configuration.check.handler(({ context, input }) => context.services.configuration.check(input)),
    apply: configuration.apply.handler(({ context, input }) => context.services.configuration.apply(input)),
    rollBack: configuration.rollBack.handler(({ context, input }) =>
      context.services.configuration.rollBack(input),
    ),
  },
  fanOut: fanOutProcedures,
  secrets: secretProcedures,
  connectedWindow: {
    plan: connectedWindow.plan.handler(async ({ context, input }) => ({
      plan: await context.services.connectedWindow.plan(input),
    })),
    open: connectedWindow.open.handler(({ context, input }) => ({
      window: context.services.connectedWindow.open(input),
    })),
    current: connectedWindow.current.handler(({ context, input }) => ({
      window: context.services.connectedWindow.current(input),
    })),
    listOpen: connectedWindow.listOpen.handler(({ context }) => ({
      windows: context.services.connectedWindow.listOpen(),
    })),
    cancel: connectedWindow.cancel.handler(({ context, input }) => ({
      window: context.services.connectedWindow.cancel(input),
    })),
  },
  licences: {
    trips: licences.trips.handler(async ({ context }) => ({
      trips: await context.services.licences.trips(),
    })),
    trip: licences.trip.handler(async ({ context, input }) => ({
      view: await context.services.licences.trip(input.tripId),
    })),
    openTrip: licences.openTrip.handler(async ({ context, input }) => ({
      view: await context.services.licences.openTrip(input),
    })),
    markCarried: licences.markCarried.handler(async ({ context, input }) => ({
      view: await context.services.licences.markCarried(input),
    })),
    readAnswer: licences.readAnswer.handler(async ({ context, input }) => ({
      view: await context.services.licences.readAnswer(input),
    })),
    rejectAnswer: licences.rejectAnswer.handler(async ({ context, input }) => ({
      view: await context.services.licences.rejectAnswer(input.tripId),
    })),
    acknowledgeLoss: licences.acknowledgeLoss.handler(async ({ context, input }) => ({
      view: await context.services.licences.acknowledgeLoss(input),
    })),
    dryRun: licences.dryRun.handler(async ({ context, input }) => ({
      view: await context.services.licences.dryRun(input.tripId),
    })),
    apply: licences.apply.handler(async ({ context, input }) => ({
      view: await context.services.licences.apply(input.tripId),
    })),
    settle: licences.settle.handler(async ({ context, input }) => ({
      view: await context.services.licences.settle(input.tripId),
    })),
    markReceiptCarried: licences.markReceiptCarried.handler(async ({ context, input }) => ({
      view: await context.services.licences.markReceiptCarried(input),
    })),
    cancelTrip: licences.cancelTrip.handler(async ({ context, input }) => ({
      view: await context.services.licences.cancelTrip(input.tripId),
    })),
    exportTrip: licences.exportTrip.handler(({ context, input }) =>
      context.services.licences.exportTrip(input.tripId),
    ),
    importTrip: licences.importTrip.handler(async ({ context, input }) => ({
      view: await context.services.licences.importTrip(input.text),
    })),
    calendar: licences.calendar.handler(({ context }) => ({
      leadTimes: context.services.licenceWork.leadTimes(),
      reminders: context.services.licenceWork.reminders(),
    })),
    setLeadTimes: licences.setLeadTimes.handler(async ({ context, input }) => {
      await context.services.licenceWork.setLeadTimes(input.leadTimes);
      return {};
    }),
    setReminders: licences.setReminders.handler(async ({ context, input }) => {
      await context.services.licenceWork.setReminders(input.reminders);
      return {};
    }),
    snooze: licences.snooze.handler(async ({ context, input }) => {
      await context.services.licenceWork.snooze(input);
      return {};
    }),
    endSnooze: licences.endSnooze.handler(async ({ context, input }) => {
      await context.services.licenceWork.endSnooze(input);
      return {};
    }),
    markStep: licences.markStep.handler(async ({ context, input }) => {
      await context.services.licenceWork.markStep(input);
      return {};
    }),
    history: licences.history.handler(({ context, input }) =>
      context.services.licences.history(input.applianceId),
    ),
    rollBack: licences.rollBack.handler(({ context, input }) => context.services.licences.rollBack(input)),
  },
  usageChanges: {
    applications: usageChanges.applications.handler(async ({ context, input }) => ({
      applications: await context.services.accountChanges.applications(input.applianceId),
    })),
    accounts: usageChanges.accounts.handler(async ({ context, input }) => ({
      listed: await context.services.accountChanges.accounts(input),
    })),
    whatIf: usageChanges.whatIf.handler(async ({ context, input }) => ({
      whatIf: await context.services.accountChanges.whatIf(input),
    })),
    plan: usageChanges.plan.handler(({ context, input }) => context.services.accountChanges.plan(input)),
    apply: usageChanges.apply.handler(async ({ context, input }) => ({
      applied: await context.services.accountChanges.apply(input),
    })),
    reconcile: usageChanges.reconcile.handler(async ({ context, input }) => ({
      reconciled: await context.services.usage.reconcile(input),
    })),
  },
  usage: {
    preview: usage.preview.handler(async ({ context, input }) => ({
      preview: await context.services.usage.previewOne(input.applianceId, input.month),
    })),
    compare: usage.compare.handler(async ({ context, input }) => ({
      compared: await context.services.usage.compare(input.applianceId, {
        month: input.month,
        against: null,
        reuseForMs: minuteMs,
      }),
    })),
    setThreshold: usage.setThreshold.handler(async ({ context, input }) => {
      await context.services.usageWarnings.set(input.applianceId, input.threshold);
      return {};
    }),
    fleet: usage.fleet.handler(async ({ context }) => ({
      fleet: await context.services.usage.fleet(context.services.inventory.list().map(({ id }) => id)),
    })),
    history: usage.history.handler(({ context, input }) => ({
      points: context.services.usage.history(input.applianceId),
    })),
    rows: usage.rows.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.usage.rows(input, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    find: usage.find.handler(({ context, input }) => context.services.usage.find(input)),
    shortReport: usage.shortReport.handler(async ({ context, input }) => ({
      text: await context.services.usage.shortReport(input),
    })),
    exportStatement: usage.exportStatement.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.statementExports.write(input, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
  },
  syslog: {
    tail: syslog.tail.handler(({ context, input, signal }) => {
      const request = { ...input, signal: signal ?? new AbortController().signal };
      return mapStreamErrors(context.services.syslog.tail(request), context.services.log);
    }),
    ack: syslog.ack.handler(({ context, input }) => {
      context.services.syslog.ack(input.streamId, input.batch);
      return {};
    }),
  },
  logs: {
    watch: logs.watch.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.logs.watch(input.applianceIds, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    lines: logs.lines.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.logs.lines(input, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    count: logs.count.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.logs.count(input.search, input.bars, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    facets: logs.facets.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.logs.facets(input.search, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
    line: logs.line.handler(async ({ context, input }) => ({
      line: await context.services.logs.line(input),
    })),
    tenants: logs.tenants.handler(({ context, input }) => context.services.logs.tenantsOf(input)),
    gaps: logs.gaps.handler(async ({ context, input }) => ({
      gaps: await context.services.logs.gaps(input.applianceIds),
    })),
    explainRules: logs.explainRules.handler(({ context }) => context.services.explainRules()),
    notes: logs.notes.handler(({ context }) => ({ notes: context.services.logs.notes.get() })),
    saveFilter: logs.saveFilter.handler(({ context, input }) => {
      context.services.logs.notes.saveFilter(input.filter);
      return {};
    }),
    removeFilter: logs.removeFilter.handler(({ context, input }) => {
      context.services.logs.notes.removeFilter(input.name);
      return {};
    }),
    setBookmark: logs.setBookmark.handler(({ context, input }) => {
      context.services.logs.notes.setBookmark(input.bookmark);
      return {};
    }),
    removeBookmark: logs.removeBookmark.handler(({ context, input }) => {
      context.services.logs.notes.removeBookmark(input);
      return {};
    }),
    markLooked: logs.markLooked.handler(({ context, input }) => {
      context.services.logs.notes.markLooked(input.key);
      return {};
    }),
  },
  logExport: {
    preview: logExport.preview.handler(({ context, input }) =>
      mapStreamErrors(
        context.services.logExports.preview(input.search, input.redaction),
        context.services.log,
      ),
    ),
    write: logExport.write.handler(({ context, input, signal }) =>
      mapStreamErrors(
        context.services.logExports.write(input, signal ?? new AbortController().signal),
        context.services.log,
      ),
    ),
  },
  logWatch: {
    rules: logWatch.rules.handler(({ context }) => ({ rules: context.services.logWatch.rulesWithLast() })),
    add: logWatch.add.handler(async ({ context, input }) => {
      await context.services.logWatch.add(input.rule);
      return {};
    }),
    setEnabled: logWatch.setEnabled.handler(async ({ context, input }) => {
      await context.services.logWatch.setEnabled(input.name, input.isEnabled);
      return {};
    }),
    remove: logWatch.remove.handler(async ({ context, input }) => {
      await context.services.logWatch.remove(input.name);
      return {};
    }),
  },
  audit: {
    actions: audit.actions.handler(({ context, input }) => context.services.audit.actions(input)),
    verify: audit.verify.handler(({ context }) => context.services.audit.verify()),
  },
  system: {
    about: system.about.handler(({ context }) => ({ ...context.services.about, role: context.role })),
    policy: system.policy.handler(({ context }) => {
      const policy = context.services.policy.get();
      return { ...policy, notice: findPolicyNotice(policy) };
    }),
    trust: system.trust.handler(({ context }) => context.services.trust.read()),
    notices: system.notices.handler(() => ({ text: readNotices() })),
  },
});

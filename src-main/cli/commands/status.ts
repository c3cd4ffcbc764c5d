import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { AppError } from '../../../src-shared/errors.ts';
import { licenceStates } from '../../../src-shared/model/licence.ts';
import { ageMs, formatDuration } from '../../../src-shared/model/time.ts';
import { shown, table } from '../output.ts';
import { askAll, named, withConsole, type Globals } from '../withConsole.ts';

function statusObject(view: ApplianceView, error: AppError | undefined) {
  return {
    name: view.entry.name,
    link: view.link,
    tone: view.health.tone,
    versions: view.status?.value.versions ?? null,
    licence: view.licence?.value ?? null,
    tenants: view.tenants,
    ports: view.ports,
    tunnelsNotWell: view.tunnelsNotWell,
    problems: view.health.problems,
    observedAt: view.observedAt,
    error: error?.toData() ?? null,
  };
}

/** Exit code 0 when all answered; otherwise that of the worst failure, and all are printed all the same. */
export function printStatus(globals: Globals, names: readonly string[]): Promise<number> {
  return withConsole(globals, async (console) => {
    const entries =
      names.length === 0 ? console.inventory.list() : [...new Set(names)].map((name) => named(console, name));
    const { exitCode, failures } = await askAll(console, entries, globals.output);
    const views = entries.map((entry) => console.fleet.view(entry.id));
    globals.output.print(
      views.map((view) => statusObject(view, failures.get(view.entry.id))),
      () => (views.length === 0 ? 'No appliance yet.' : statusText(views)),
    );
    return exitCode;
  });
}

function statusText(views: readonly ApplianceView[]): string {
  const rows = views.map((view) => [
    view.entry.name,
    view.link.state,
    view.health.tone,
    view.status?.value.versions.appliance,
    view.licence === null ? null : licenceStates[view.licence.value.state].label,
    view.tenants === null ? '–' : `${view.tenants.withSession}/${view.tenants.total}`,
    view.ports === null ? '–' : `${view.ports.listening}/${view.ports.allotted}`,
    view.observedAt === null ? 'never' : `${formatDuration(ageMs(view.observedAt, Date.now()))} ago`,
  ]);
  const problems = views.flatMap((view) =>
    view.health.problems.map(
      (problem) =>
        `${view.entry.name}: ${problem.severity === 'bad' ? '✕' : '!'} ${problem.code} ${problem.text}`,
    ),
  );
  return [
    table(['NAME', 'LINK', 'HEALTH', 'VERSION', 'LICENCE', 'SESSIONS', 'LISTENING', 'SEEN'], rows),
    ...problems.map(shown),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

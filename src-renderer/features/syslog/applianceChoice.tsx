import { useMemo } from 'react';
import { useViewState } from '../../state/navigate.ts';
import { type ViewOf, views } from '../../state/views.ts';
import { FilterChip } from '../../ui/layout/FilterChip.tsx';
import { Chips } from '../../ui/layout/Lists.tsx';
import type { LogSource } from '../fleet/queries.ts';
import feedback from '../../ui/feedback/feedback.module.css';

/** What the console lets one reader follow at once. */
const maxFollowed = 100;

/** Whose lines are shown, as names: those of the address, else the appliance of the page, else all. */
export function chooseNames({
  names,
  from,
  applianceName,
}: {
  names: readonly string[];
  from: string;
  applianceName: string | null;
}): readonly string[] {
  const usual = applianceName === null ? names : [applianceName];
  const wanted = from === '' ? usual : from.split(',');
  return names.filter((name) => wanted.includes(name)).slice(0, maxFollowed);
}

/** As `views.syslog` keeps names: the comma after each tells no appliance from the usual choice. */
function writeFrom(names: readonly string[]): string {
  return names.length === 0 ? ',' : names.map((name) => `${name},`).join('');
}

/** The name of each appliance by its id. Stays the same function while the names do. */
export function useNameOf(appliances: readonly LogSource[]): (id: string) => string {
  const names = appliances.map(({ id, name }) => `${id} ${name}`).join('\n');
  return useMemo(() => {
    const byId = new Map(
      names.split('\n').map((pair): [string, string] => [pair.slice(0, 36), pair.slice(37)]),
    );
    return (id: string) => byId.get(id) ?? '?';
  }, [names]);
}

export function ApplianceChips({
  appliances,
  chosenNames,
}: {
  appliances: readonly LogSource[];
  chosenNames: readonly string[];
}) {
  const [, changeView] = useViewState(views.syslog);
  const toggle = (name: string): void => {
    const isChosen = chosenNames.includes(name);
    const next = isChosen ? chosenNames.filter((kept) => kept !== name) : [...chosenNames, name];
    changeView({ from: writeFrom(next) }, { push: true });
  };
  return (
    <Chips label="Appliances">
      {appliances.map(({ id, name, isConnected }) => (
        <FilterChip key={id} on={chosenNames.includes(name)} onToggle={() => toggle(name)}>
          {name}
          {isConnected ? null : (
            <span className={feedback.word} data-tone="warn">
              {' '}
              · not connected
            </span>
          )}
        </FilterChip>
      ))}
    </Chips>
  );
}

/** The query that finds what the filter of the live lines shows. */
export function queryOfFilter({ q, severity }: Pick<ViewOf<'syslog'>, 'q' | 'severity'>): string {
  const text = q.trim();
  const quoted =
    /^[a-z\d_.-]*$/u.test(text) && !text.startsWith('-')
      ? text
      : `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
  const words = [quoted, severity === 'all' ? '' : `severity:<=${severity}`];
  return words.filter((word) => word !== '').join(' ');
}

/** Switches between new lines as they arrive, and the search of all lines that are kept. A filter becomes a query. */
export function ViewChips() {
  const [view, changeView] = useViewState(views.syslog);
  const { show } = view;
  const search = (): void => {
    const find = view.find === '' ? queryOfFilter(view) : view.find;
    changeView({ show: 'search', find }, { push: true });
  };
  return (
    <Chips label="View">
      <FilterChip on={show === 'live'} onToggle={() => changeView({ show: 'live' }, { push: true })}>
        Live
      </FilterChip>
      <FilterChip on={show === 'search'} onToggle={search}>
        Search
      </FilterChip>
    </Chips>
  );
}

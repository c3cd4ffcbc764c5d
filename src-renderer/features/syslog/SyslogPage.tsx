import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LogTrouble } from '../../../src-shared/contract/syslog.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import { useViewState } from '../../state/navigate.ts';
import { type ViewOf, views } from '../../state/views.ts';
import { openApplianceDialog } from '../../state/viewState.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { FilterChip, FilterField } from '../../ui/layout/FilterChip.tsx';
import { HeadSkeleton, Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState, ErrorNotice } from '../../ui/feedback/States.tsx';
import { useRemembered } from '../../ui/layout/useRemembered.ts';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { type LogSource, useLogSources } from '../fleet/queries.ts';
import { createLogBuffer, type LogBuffer } from './buffer.ts';
import { LogCard } from './components/LogCard.tsx';
import { createLogFilter } from './filter.ts';
import { useTail } from './useTail.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import { Chips } from '../../ui/layout/Lists.tsx';
import layout from '../../ui/layout/layout.module.css';

/** What the console lets one reader follow at once. */
const maxFollowed = 100;

const severityChips: { severity: ViewOf<'syslog'>['severity']; text: string }[] = [
  { severity: 'all', text: 'All severities' },
  { severity: 'warning', text: 'Warnings and above' },
  { severity: 'err', text: 'Errors and above' },
];

/** The live log of the chosen appliances. `applianceName` chooses one for the start. */
export function SyslogPage({ applianceName }: { applianceName: string | null }) {
  useTitle(applianceName === null ? 'Syslog' : `Syslog · ${applianceName}`);
  const sources = useLogSources();
  return (
    <Page fill>
      <Loaded query={sources} skeleton={<HeadSkeleton title="Syslog" />} empty={<NothingToFollow />}>
        {(appliances) =>
          applianceName === null || appliances.some(({ name }) => name === applianceName) ? (
            <FollowedLog appliances={appliances} applianceName={applianceName} />
          ) : (
            <NoSuchAppliance name={applianceName} />
          )
        }
      </Loaded>
    </Page>
  );
}

function NothingToFollow() {
  return (
    <>
      <PageHead title="Syslog" />
      <Card>
        <EmptyState
          title="No appliances yet"
          action={
            <Button kind="primary" onClick={() => openApplianceDialog()}>
              Add appliance
            </Button>
          }
        >
          Lines of /var/log/syslog appear here as they are written.
        </EmptyState>
      </Card>
    </>
  );
}

/** Whose lines are followed, as names: those of the address, else the appliance of the page, else all. */
function chooseNames({
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
function useNameOf(appliances: readonly LogSource[]): (id: string) => string {
  const names = appliances.map(({ id, name }) => `${id} ${name}`).join('\n');
  return useMemo(() => {
    const byId = new Map(
      names.split('\n').map((pair): [string, string] => [pair.slice(0, 36), pair.slice(37)]),
    );
    return (id: string) => byId.get(id) ?? '?';
  }, [names]);
}

function FollowedLog({
  appliances,
  applianceName,
}: {
  appliances: readonly LogSource[];
  applianceName: string | null;
}) {
  const [buffer] = useState(() => createLogBuffer());
  const [{ q: text, severity, from }, changeView] = useViewState(views.syslog);
  const chosenNames = chooseNames({ names: appliances.map(({ name }) => name), from, applianceName });
  const chosen = appliances.flatMap(({ id, name }) => (chosenNames.includes(name) ? id : []));
  const nameOf = useNameOf(appliances);
  const { error, unreadable } = useTail({ buffer, applianceIds: chosen });
  useEffect(
    () => buffer.setFilter(createLogFilter({ text, severity, nameOf })),
    [buffer, text, severity, nameOf],
  );
  const [isWrapped, setIsWrapped] = useRemembered('syslog-wrap', false);
  const toggleWrap = useCallback(() => setIsWrapped(!isWrapped), [isWrapped, setIsWrapped]);
  return (
    <>
      <PageHead title="Syslog">
        <ApplianceChips appliances={appliances} chosenNames={chosenNames} />
        <Chips label="Severity">
          {severityChips.map((chip) => (
            <FilterChip
              key={chip.severity}
              on={severity === chip.severity}
              onToggle={() => changeView({ severity: chip.severity }, { push: true })}
            >
              {chip.text}
            </FilterChip>
          ))}
        </Chips>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <FilterField value={text} onChange={(typed) => changeView({ q: typed })} label="Filter lines" />
          <FilterChip on={isWrapped} onToggle={toggleWrap} title="Wrap long lines (w)">
            Wrap
          </FilterChip>
          <FollowButton buffer={buffer} />
        </div>
      </PageHead>
      {error === null ? null : <ErrorNotice error={error} tone="warn" />}
      {unreadable.map((trouble) => (
        <UnreadableLog key={trouble.applianceId} name={nameOf(trouble.applianceId)} trouble={trouble} />
      ))}
      <LogCard
        buffer={buffer}
        nameOf={nameOf}
        query={text.trim()}
        isWrapped={isWrapped}
        toggleWrap={toggleWrap}
        nothing={explainNothing({ chosen: chosen.length, unreadable: unreadable.length })}
      />
    </>
  );
}

/** What to say while no line is there. */
function explainNothing({ chosen, unreadable }: { chosen: number; unreadable: number }): string {
  if (chosen === 0) return 'Choose an appliance above.';
  return unreadable === chosen ? 'No lines: the log can’t be read.' : 'Waiting for the first line…';
}

function ApplianceChips({
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

/** Shows why and since when the log of an appliance can't be read. The console keeps trying. */
function UnreadableLog({ name, trouble }: { name: string; trouble: LogTrouble }) {
  const message = `${name}: ${asSentence(trouble.reason)} The console keeps trying.`;
  return (
    <ErrorNotice
      error={{ code: 'LOG_UNREADABLE', message, retryable: true, detail: { since: trouble.since } }}
      tone="warn"
    />
  );
}

function FollowButton({ buffer }: { buffer: LogBuffer }) {
  const isFollowing = useSyncExternalStore(buffer.subscribe, () => buffer.snapshot().following);
  return isFollowing ? (
    <Button kind="primary" onClick={buffer.pause} title="Click to pause (Space). Scrolling up also pauses.">
      Following
    </Button>
  ) : (
    <Button onClick={buffer.follow} title="Click to follow again (End)">
      <span className={feedback.word} data-tone="warn">
        Paused
      </span>
    </Button>
  );
}

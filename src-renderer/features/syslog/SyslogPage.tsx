import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { LogTrouble } from '../../../src-shared/contract/syslog.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import { useView } from '../../state/navigate.ts';
import { type ViewOf, views } from '../../state/views.ts';
import { openApplianceDialog } from '../../state/viewState.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { FilterChip, FilterField } from '../../ui/layout/FilterChip.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { formatLineTime } from '../../ui/feedback/Moment.tsx';
import { HeadSkeleton, Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState, ErrorNotice } from '../../ui/feedback/States.tsx';
import { useRemembered } from '../../ui/layout/useRemembered.ts';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { useApplianceList } from '../fleet/queries.ts';
import { createLogBuffer, maxLines, type LogBuffer, type LogSnapshot } from './buffer.ts';
import { LogView } from './components/LogView.tsx';
import { createLogFilter } from './filter.ts';
import { type LineChoice, useLineChoice, useLogKeys } from './useLineChoice.ts';
import { useLog } from './useLog.ts';
import { useTail } from './useTail.ts';
import card from '../../ui/layout/Card.module.css';
import feedback from '../../ui/feedback/feedback.module.css';
import { Chips } from '../../ui/layout/Lists.tsx';
import layout from '../../ui/layout/layout.module.css';
import styles from './syslog.module.css';

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

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
  const fleet = useApplianceList();
  return (
    <Page fill>
      <Loaded query={fleet} skeleton={<HeadSkeleton title="Syslog" />} empty={<NothingToFollow />}>
        {(appliances) =>
          applianceName === null || appliances.some((view) => view.entry.name === applianceName) ? (
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
function useNameOf(appliances: readonly ApplianceView[]): (id: string) => string {
  const names = appliances.map((view) => `${view.entry.id} ${view.entry.name}`).join('\n');
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
  appliances: readonly ApplianceView[];
  applianceName: string | null;
}) {
  const [buffer] = useState(() => createLogBuffer());
  const [{ q: text, severity, from }, changeView] = useView(views.syslog);
  const chosenNames = chooseNames({ names: appliances.map(({ entry }) => entry.name), from, applianceName });
  const chosen = appliances.flatMap(({ entry }) => (chosenNames.includes(entry.name) ? entry.id : []));
  const nameOf = useNameOf(appliances);
  const { error, unreadable } = useTail({ buffer, applianceIds: chosen });
  useEffect(
    () => buffer.setFilter(createLogFilter({ text, severity, nameOf })),
    [buffer, text, severity, nameOf],
  );
  const [isWrapped, setIsWrapped] = useRemembered('syslog-wrap', false);
  const toggleWrap = (): void => setIsWrapped(!isWrapped);
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
  appliances: readonly ApplianceView[];
  chosenNames: readonly string[];
}) {
  const [, changeView] = useView(views.syslog);
  const toggle = (name: string): void => {
    const isChosen = chosenNames.includes(name);
    const next = isChosen ? chosenNames.filter((kept) => kept !== name) : [...chosenNames, name];
    changeView({ from: writeFrom(next) }, { push: true });
  };
  return (
    <Chips label="Appliances">
      {appliances.map((view) => (
        <FilterChip
          key={view.entry.id}
          on={chosenNames.includes(view.entry.name)}
          onToggle={() => toggle(view.entry.name)}
        >
          {view.entry.name}
          {view.link.state === 'connected' ? null : (
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

/** The lines, their figures and what is chosen of them: the only part that is drawn with each batch. */
function LogCard({
  buffer,
  nameOf,
  query,
  isWrapped,
  toggleWrap,
  nothing,
}: {
  buffer: LogBuffer;
  nameOf: (id: string) => string;
  query: string;
  isWrapped: boolean;
  toggleWrap: () => void;
  nothing: string;
}) {
  const snapshot = useLog(buffer);
  const choice = useLineChoice(buffer);
  useLogKeys({ buffer, choice, toggleWrap });
  return (
    <>
      <LogFigures snapshot={snapshot} />
      <div className={`${card.card} ${styles.logCard}`}>
        <PartBoundary part="The log">
          <LogView
            buffer={buffer}
            snapshot={snapshot}
            nameOf={nameOf}
            query={query}
            isWrapped={isWrapped}
            choice={choice}
          />
        </PartBoundary>
        {snapshot.rows.length > 0 ? null : (
          <p className={styles.logNone}>{snapshot.held > 0 ? 'No matching lines.' : nothing}</p>
        )}
        {snapshot.unseen > 0 ? (
          <button type="button" className={styles.unseen} onClick={buffer.follow} data-testid="unseen">
            {wholeNumber.format(snapshot.unseen)} new line{snapshot.unseen === 1 ? '' : 's'} ↓
          </button>
        ) : null}
      </div>
      <ChoiceBar choice={choice} />
    </>
  );
}

/** What can be done with the chosen lines; without any, the keys that matter here. */
function ChoiceBar({ choice }: { choice: LineChoice }) {
  if (choice.count === 0)
    return (
      <span className={feedback.age}>
        Space pauses; End follows. Click or use ↑ ↓ to select a line; hold Shift to select several. Ctrl C
        copies.
      </span>
    );
  return (
    <div className={layout.row}>
      <span className={feedback.age}>{wholeNumber.format(choice.count)} selected</span>
      <Button small onClick={choice.copy}>
        Copy {choice.count === 1 ? 'line' : 'lines'}
      </Button>
      <Button small kind="quiet" onClick={choice.clear}>
        Clear
      </Button>
    </div>
  );
}

/** Says whose log can't be read, why and since when; the console goes on trying. */
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

function LogFigures({ snapshot }: { snapshot: LogSnapshot }) {
  const parts = [
    `${wholeNumber.format(snapshot.linesPerSecond)} lines/s`,
    snapshot.following
      ? `${wholeNumber.format(snapshot.held)} in memory, at most ${wholeNumber.format(maxLines)}`
      : `${wholeNumber.format(snapshot.held)} in memory (paused)`,
    ...(snapshot.trimmed > 0 ? [`${wholeNumber.format(snapshot.trimmed)} older lines discarded`] : []),
    ...(snapshot.oldestAt === null
      ? []
      : [`since ${formatLineTime(snapshot.oldestAt, 0)}; older lines are only on the appliance`]),
    'ordered by arrival',
    ...(snapshot.full ? ['paused for too long: new lines are dropped and marked as a gap'] : []),
  ];
  return (
    <span className={`${feedback.age} ${styles.logFigures}`} data-testid="log-figures">
      {parts.join(' · ')}
    </span>
  );
}

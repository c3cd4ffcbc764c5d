import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
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
import { lazyComponent } from '../../ui/layout/lazyComponent.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { type LogSource, useLogSources } from '../fleet/queries.ts';
import { useHeldAppliance } from '../fleet/useHeldAppliance.ts';
import { ApplianceChips, chooseNames, useNameOf, ViewChips } from './applianceChoice.tsx';
import { createLogBuffer, type LogBuffer } from './buffer.ts';
import { LogCard } from './components/LogCard.tsx';
import { createLogFilter } from './filter.ts';
import { useTail } from './useTail.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import { Chips } from '../../ui/layout/Lists.tsx';
import layout from '../../ui/layout/layout.module.css';

const severityChips: { severity: ViewOf<'syslog'>['severity']; text: string }[] = [
  { severity: 'all', text: 'All severities' },
  { severity: 'warning', text: 'Warnings and above' },
  { severity: 'err', text: 'Errors and above' },
];

/** The live log of the chosen appliances. `applianceName` chooses one for the start. */
export function SyslogPage({ applianceName }: { applianceName: string | null }) {
  useTitle(applianceName === null ? 'Syslog' : `Syslog · ${applianceName}`);
  useHeldAppliance(applianceName);
  const sources = useLogSources();
  return (
    <Page fill>
      <Loaded query={sources} skeleton={<HeadSkeleton title="Syslog" />} empty={<NothingToFollow />}>
        {(appliances) =>
          applianceName === null || appliances.some(({ name }) => name === applianceName) ? (
            <ShownLog appliances={appliances} applianceName={applianceName} />
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

function FollowedLog({ appliances, applianceName }: LogProps) {
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
        <ViewChips />
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

type LogProps = { appliances: readonly LogSource[]; applianceName: string | null };

// Search has its own code, which the first visit does not need.
const { Component: KeptLog } = lazyComponent<LogProps & { takesFocus: boolean }>(
  async () => (await import('./kept/KeptLog.tsx')).KeptLog,
);

function ShownLog(props: LogProps) {
  const [{ show }] = useViewState(views.syslog);
  const [firstShown] = useState(show);
  // Who switches from the live lines to the search types a query next.
  const takesFocus = firstShown === 'live';
  return show === 'search' ? (
    <KeptLog props={{ ...props, takesFocus }} part="The search" fallback={<HeadSkeleton title="Syslog" />} />
  ) : (
    <FollowedLog {...props} />
  );
}

/** What to say while no line is there. */
function explainNothing({ chosen, unreadable }: { chosen: number; unreadable: number }): string {
  if (chosen === 0) return 'Choose an appliance above.';
  return unreadable === chosen ? 'No lines: the log can’t be read.' : 'Waiting for the first line…';
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

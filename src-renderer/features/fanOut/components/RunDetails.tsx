import { useState } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import {
  formatRun,
  type PreparedRun,
  type ResultView,
  type RunView,
} from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { countRun, describeRunState, describeTask } from '../../../../src-shared/model/fanOut/resultText.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useNavigateTo, useViewState } from '../../../state/navigate.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { useMay } from '../../system/queries.ts';
import { isActive, usePrepareRest, useStop } from '../queries.ts';
import { placeOfNewRun, runView } from '../runAddress.ts';
import { CommandCard } from './CommandCard.tsx';
import { ComparisonCard } from './ComparisonCard.tsx';
import { ExportRun } from './ExportRun.tsx';
import { ResultsCard } from './ResultsCard.tsx';
import { RollBackDialog } from './RollBackDialog.tsx';
import { RunProgress } from './RunProgress.tsx';
import { WaveTiles } from './WaveTiles.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../fanOut.module.css';

type RunTone = 'bad' | 'ok' | 'warn' | undefined;

function toneOf(run: RunView): RunTone {
  const { failed, notStarted, taking } = countRun(run);
  if (isActive(run)) return undefined;
  if (failed > 0) return 'bad';
  return notStarted > 0 || taking === 0 ? 'warn' : 'ok';
}

/** The result that needs a look most, unless one is selected: the first failed, or else the first that differs. */
function findShown(results: readonly ResultView[], name: string): ResultView | undefined {
  return (
    results.find((result) => result.name === name) ??
    results.find(({ state }) => state === 'failed' || state === 'unknown' || state === 'stopped') ??
    results.find(({ comparison }) => comparison.kind === 'differs') ??
    results.find(({ comparison }) => comparison.kind !== 'none')
  );
}

/** A run with its progress, its waves and its results, and what to do next. */
export function RunDetails({
  run,
  appliances,
  onPrepared,
}: {
  run: RunView;
  appliances: readonly ApplianceView[];
  onPrepared: (prepared: PreparedRun) => void;
}) {
  const [{ appliance }, changeView] = useViewState(runView);
  const shown = findShown(run.results, appliance);
  return (
    <>
      <RunHead run={run} onPrepared={onPrepared} />
      <CommandCard
        run={run}
        names={run.results.map(({ name }) => name)}
        isAll={run.results.length === appliances.length}
        canary={run.results.find(({ applianceId }) => applianceId === run.order.canaryId)?.name ?? null}
      >
        <RunProgress run={run} />
      </CommandCard>
      <WaveTiles run={run} appliances={appliances} onSelect={(name) => changeView({ appliance: name })} />
      <div className={styles.resultColumns}>
        <ResultsCard run={run} selected={shown?.name ?? null} />
        {shown === undefined ? null : (
          <ComparisonCard key={shown.applianceId} run={run} result={shown} onPrepared={onPrepared} />
        )}
      </div>
    </>
  );
}

function RunHead({ run, onPrepared }: { run: RunView; onPrepared: (prepared: PreparedRun) => void }) {
  const navigateTo = useNavigateTo();
  const may = useMay(taskKinds[run.task.kind].role);
  const stop = useStop();
  const rest = usePrepareRest();
  const [isRollingBack, setRollingBack] = useState(false);
  const { failed, notStarted } = countRun(run);
  const undone = run.results.filter(({ canRollBack }) => canRollBack);
  const active = isActive(run);
  const error = stop.error ?? rest.error;
  return (
    <>
      <PageHead
        title="Run on many"
        sub={`${formatRun(run.number)} · ${visibleLine(describeTask(run.task))} · ${run.results.length} selected`}
      >
        <output className={feedback.chip} data-tone={toneOf(run)} data-testid="run-state">
          {describeRunState(run)}
          {run.state === 'finished' && failed > 0 ? `: ${failed} failed` : ''}
        </output>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <Button kind="quiet" onClick={() => navigateTo(placeOfNewRun())}>
            New run
          </Button>
          <ExportRun run={run} />
          {may && active ? (
            <Button kind="danger" busy={stop.isPending} onClick={() => stop.mutate({ number: run.number })}>
              Stop
            </Button>
          ) : null}
          {may && !active && undone.length > 0 ? (
            <Button kind="danger" onClick={() => setRollingBack(true)}>
              Roll back the {undone.length} done…
            </Button>
          ) : null}
          {may && !active && failed + notStarted > 0 ? (
            <Button
              kind="primary"
              busy={rest.isPending}
              onClick={() =>
                rest.mutate({ number: run.number }, { onSuccess: ({ prepared }) => onPrepared(prepared) })
              }
            >
              Run the {failed + notStarted} left…
            </Button>
          ) : null}
        </div>
      </PageHead>
      {error === null ? null : <ErrorNotice error={toErrorData(error)} />}
      {isRollingBack ? (
        <RollBackDialog
          run={run}
          names={undone.map(({ name }) => name)}
          onClose={() => setRollingBack(false)}
        />
      ) : null}
    </>
  );
}

import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { ResultView, RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { describeTunnels, formatTime } from '../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates, skipReasons } from '../../../../src-shared/model/fanOut/runStates.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { isActive } from '../queries.ts';
import { placeOfNewRun } from '../runAddress.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

type WaveState = { text: string; tone: 'ok' | 'bad' | 'off' | 'unknown' | 'warn' };

/** What became of a wave, in words. */
function describeWave(results: readonly ResultView[]): WaveState {
  const count = (is: (result: ResultView) => boolean) => results.filter(is).length;
  const failed = count(({ state }) => applianceStates[state].isFailure);
  if (count(({ state }) => state === 'running' || state === 'watched') > 0)
    return { text: 'running', tone: 'unknown' };
  if (failed > 0) return { text: `✕ ${failed} failed`, tone: 'bad' };
  if (count(({ state }) => state === 'not-started') === results.length)
    return { text: 'not started', tone: 'off' };
  if (count(({ state }) => state === 'rolled-back') > 0) return { text: '↶ rolled back', tone: 'warn' };
  if (count(({ state }) => state === 'skipped') === results.length) return { text: 'skipped', tone: 'off' };
  return { text: '✓ passed', tone: 'ok' };
}

/** What is said below the name of an appliance. */
function describeResult({ state, milliseconds, tunnels, note, exitCode }: ResultView): string {
  if (state === 'skipped' || state === 'not-started') return note;
  const time = milliseconds === null ? [] : [formatTime(milliseconds)];
  if (applianceStates[state].isFailure && exitCode !== null) return [`exit ${exitCode}`, ...time].join(', ');
  return [...time, ...(tunnels === null ? [] : [describeTunnels(tunnels)])].join(', ');
}

/** The waves in order with the state of each appliance, and those that take no part. */
export function WaveTiles({
  run,
  appliances,
  onSelect,
}: {
  run: RunView;
  appliances: readonly ApplianceView[];
  onSelect: (name: string) => void;
}) {
  const navigateTo = useNavigateTo();
  const byId = new Map(run.results.map((result) => [result.applianceId, result]));
  const inWaves = new Set(run.waves.flatMap(({ ids }) => ids));
  const skipped = run.results.filter(
    ({ state, applianceId }) => state === 'skipped' && !inWaves.has(applianceId),
  );
  const known = new Set(appliances.map(({ entry }) => entry.name));
  const later = skipped.filter(({ name }) => known.has(name)).map(({ name }) => name);
  return (
    <div className={styles.waves}>
      {run.waves.map((wave, at) => {
        const results = wave.ids.flatMap((id) => byId.get(id) ?? []);
        const state = describeWave(results);
        return (
          <section
            key={`${at}${wave.ids[0] ?? ''}`}
            className={styles.wave}
            data-tone={state.tone}
            aria-label={`Wave ${at + 1} ${wave.name}`}
          >
            <p>
              <b>
                {at + 1} {wave.name}
              </b>
              <span className={feedback.word} data-tone={state.tone}>
                {state.text}
              </span>
            </p>
            {results.map((result) => (
              <Tile key={result.applianceId} result={result} onSelect={onSelect} />
            ))}
          </section>
        );
      })}
      {skipped.length === 0 ? null : (
        <section className={styles.wave} aria-label="Skipped">
          <p>
            <b>Skipped</b>
            <span className={text.sub}>{skipped.length}, unchanged</span>
          </p>
          {skipped.map(({ applianceId, name, skip, note }) => (
            <p key={applianceId} className={styles.skipped} title={visibleLine(note)}>
              <b>{name}</b>
              {skip === null ? null : (
                <span className={feedback.word} data-tone={skipReasons[skip].tone}>
                  {skipReasons[skip].word}
                </span>
              )}
            </p>
          ))}
          {later.length > 0 && !isActive(run) ? (
            <div>
              <Button small onClick={() => navigateTo(placeOfNewRun(later))}>
                New run with these…
              </Button>
            </div>
          ) : null}
        </section>
      )}
    </div>
  );
}

function Tile({ result, onSelect }: { result: ResultView; onSelect: (name: string) => void }) {
  const { name, state } = result;
  const { word, sign, tone } = applianceStates[state];
  return (
    <button
      type="button"
      className={styles.tile}
      data-tone={tone}
      data-state={state}
      onClick={() => onSelect(name)}
    >
      <span>
        <b>{name}</b>
        <span className={feedback.word} data-tone={tone}>
          {sign} {word}
        </span>
      </span>
      <small>{visibleLine(describeResult(result))}</small>
    </button>
  );
}

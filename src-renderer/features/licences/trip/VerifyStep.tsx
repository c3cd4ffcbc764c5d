import { licenceArgv } from '../../../../src-shared/model/licence/licenceArgv.ts';
import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useMay } from '../../system/queries.ts';
import { ChangesCard } from './ChangesCard.tsx';
import { CheckCount, CheckList } from './Checks.tsx';
import { ClockProblems } from './ClockProblems.tsx';
import { ForecastCard } from './ForecastCard.tsx';
import { LossList } from './LossList.tsx';
import { NextBar } from './NextBar.tsx';
import type { StepProps } from './stepProps.ts';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Why the dry run can’t start yet; null if it can. */
function whyNoDryRun(view: TripView): string | null {
  if (view.checks.some(({ outcome }) => outcome !== 'passed')) return 'a check failed';
  if (view.entryId === null) return `${view.trip.applianceName} is not in this console`;
  const open = view.losses.filter(({ acknowledged }) => acknowledged === null).length;
  return open === 0 ? null : `${open} ${open === 1 ? 'loss' : 'losses'} left`;
}

/** The answer, verified and compared on this computer, and the button of the dry run. */
export function VerifyStep({ view, actions, isOpen, onShow }: StepProps) {
  const { trip, checks } = view;
  const mayAct = useMay('operator');
  if (trip.answer === null) return <p className={textStyles.sub}>No answer yet.</p>;
  const failed = checks.find(({ outcome }) => outcome === 'failed');
  const reason = whyNoDryRun(view);
  const openLosses = view.losses.filter(({ acknowledged }) => acknowledged === null).length;
  const { dryRun, rejectAnswer, acknowledgeLoss } = actions;
  return (
    <>
      {isOpen && trip.applied === null ? (
        <NextBar
          next={
            failed === undefined
              ? `${openLosses === 0 ? '' : 'acknowledge each loss below. Then '}${trip.applianceName} checks the answer and changes nothing. About 10 s.`
              : 'the answer is refused. Reject it, and read another one.'
          }
          touches={
            failed === undefined
              ? 'Touches the appliance, reading only.'
              : `Nothing has been sent to ${trip.applianceName}.`
          }
          error={dryRun.error ?? acknowledgeLoss.error ?? rejectAnswer.error}
        >
          <Button
            kind={failed === undefined ? 'plain' : 'primary'}
            busy={rejectAnswer.isPending}
            onClick={() => rejectAnswer.mutate({ tripId: trip.id }, { onSuccess: () => onShow('answer') })}
          >
            Reject answer
          </Button>
          {failed === undefined ? (
            <Button
              kind="primary"
              disabled={reason !== null || !mayAct}
              busy={dryRun.isPending}
              onClick={() =>
                dryRun.mutate({ tripId: trip.id }, { onSuccess: (done) => onShow(done.view.step) })
              }
            >
              Dry run on {trip.applianceName}
              {reason === null ? '' : `: ${reason}`}
            </Button>
          ) : null}
        </NextBar>
      ) : null}
      <div className={styles.verify}>
        <div className={styles.column}>
          <Card title="Verification" label="Verification" aside={<CheckCount checks={checks} />}>
            <CheckList checks={checks} label="Checks on this computer" />
            <ClockProblems problems={view.clockProblems} />
            <p className={textStyles.sub}>
              Checked on this computer only
              {trip.dryRun === null
                ? `. Nothing has been sent to ${trip.applianceName}.`
                : ', before the dry run.'}
            </p>
          </Card>
          {trip.dryRun === null ? null : <ForecastCard view={view} />}
        </div>
        <ChangesCard view={view}>
          <LossList
            view={view}
            isOpen={isOpen && trip.applied === null && mayAct}
            onAcknowledge={(loss, isAcknowledged) =>
              acknowledgeLoss.mutate({ tripId: trip.id, loss, isAcknowledged })
            }
          />
          {failed === undefined ? (
            <div className={styles.command}>
              <span className={textStyles.sub}>Next command</span>
              <CommandLine text={licenceArgv.dryRun.join(' ')} label="Next command" />
            </div>
          ) : null}
        </ChangesCard>
      </div>
    </>
  );
}

import { licenceArgv } from '../../../../src-shared/model/licence/licenceArgv.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useMay } from '../../system/queries.ts';
import { ChangesCard } from './ChangesCard.tsx';
import { ForecastCard } from './ForecastCard.tsx';
import { NextBar } from './NextBar.tsx';
import type { StepProps } from './stepProps.ts';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The plan of the change, its button, its progress, and what became of it. */
export function ApplyStep({ view, actions, isOpen, onShow }: StepProps) {
  const { trip } = view;
  const isAdmin = useMay('admin');
  const { apply, settle } = actions;
  const name = trip.applianceName;
  const isUnknown = trip.applying !== null && !apply.isPending;
  const stopped = view.losses.flatMap(({ tunnels }) => tunnels);
  return (
    <>
      {trip.applied === null && isOpen ? (
        <NextBar
          next={
            isUnknown
              ? `ask ${name} whether it installed the answer.`
              : `${name} installs the answer; the console reads it back.`
          }
          touches={
            isUnknown
              ? 'Changes nothing.'
              : `Changes the licence of ${name}${stopped.length === 0 ? '; no tunnel stops.' : `; ${stopped.length} ${stopped.length === 1 ? 'tunnel stops' : 'tunnels stop'}.`}`
          }
          error={apply.error ?? settle.error}
        >
          {isUnknown ? (
            <Button kind="primary" busy={settle.isPending} onClick={() => settle.mutate({ tripId: trip.id })}>
              Ask {name}
            </Button>
          ) : (
            <Button
              kind={stopped.length === 0 ? 'primary' : 'danger'}
              disabled={!isAdmin}
              title={isAdmin ? '' : 'Only an admin may apply a licence'}
              busy={apply.isPending}
              onClick={() =>
                apply.mutate({ tripId: trip.id }, { onSuccess: (done) => onShow(done.view.step) })
              }
            >
              Apply to {name}
            </Button>
          )}
        </NextBar>
      ) : null}
      {apply.isPending ? (
        <Progress name={name} since={trip.applying?.at ?? new Date(apply.submittedAt).toISOString()} />
      ) : null}
      {trip.failure === null || apply.isPending ? null : (
        <ErrorNotice
          error={{ ...toErrorData(null), code: trip.failure.code, message: trip.failure.message, detail: {} }}
        />
      )}
      <div className={styles.verify}>
        <div className={styles.column}>
          <Card title="What will run" label="Plan">
            <Facts
              facts={[
                ['Command', <CommandLine key="c" label="Command" text={licenceArgv.import.join(' ')} />],
                [
                  'Ends',
                  stopped.length === 0
                    ? 'no connection'
                    : stopped.map(({ clientId, port }) => `${clientId} ${port}`).join(', '),
                ],
                ['Read back', 'The licence is read again and compared with the answer, field by field.'],
                [
                  'Undo',
                  trip.installed.sequence === null
                    ? 'Not possible: no earlier licence is installed.'
                    : `If it differs, sequence ${trip.installed.sequence} is installed again. You can also roll back later.`,
                ],
                ['Audit', 'Recorded before and after, with your name.'],
              ]}
            />
            {isAdmin ? null : <p className={textStyles.sub}>Only an admin may apply a licence.</p>}
          </Card>
          <ForecastCard view={view} />
        </div>
        <ChangesCard view={view} />
      </div>
    </>
  );
}

function Progress({ name, since }: { name: string; since: string }) {
  return (
    <output className={styles.progress}>
      {name} verifies and installs the answer; then the console reads the licence back. Started{' '}
      <Ago at={since} isSentence exact />. This page may be closed: the console goes on.
    </output>
  );
}

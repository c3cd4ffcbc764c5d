import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { Problem } from '../../../../src-shared/model/tunnels/health.ts';
import { groupProblems } from '../problems.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../fleet.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The fleet page lists at most this many problems. The appliance's page lists all of its own. */
const maxShown = 40;

type Found = { view: ApplianceView; problem: Problem };

function getPlace({ view, problem }: Found): string {
  const { name } = view.entry;
  return problem.clientId === null
    ? places.appliance(name)
    : places.tenant(name, problem.clientId, problem.port);
}

/** Returns the address of a table with all rows that have the same code. */
function getRowsPlace({ view, problem }: Found): string {
  return problem.clientId === null ? places.appliance(view.entry.name) : places.tenants({ q: problem.code });
}

/** Every problem in the fleet, the most urgent first, each with a link to its cause. */
export function FleetProblems({ appliances }: { appliances: readonly ApplianceView[] }) {
  const found = appliances.flatMap((view): Found[] =>
    groupProblems(view.health.problems).map((problem) => ({ view, problem })),
  );
  if (found.length === 0) return null;
  found.sort((a, b) => Number(a.problem.severity === 'warn') - Number(b.problem.severity === 'warn'));
  return (
    <Card
      tone={found[0]?.problem.severity ?? 'warn'}
      title={`Needs attention (${found.length})`}
      label="Needs attention"
    >
      <ul className={`${layout.problems} ${styles.fleetProblems}`}>
        {found.slice(0, maxShown).map(({ view, problem }) => (
          <li
            key={`${view.entry.id}${problem.code}${problem.clientId ?? ''}${problem.port ?? ''}${problem.text}`}
          >
            <span
              className={`${feedback.word} ${textStyles.mono}`}
              data-tone={problem.severity}
              title={problem.severity === 'bad' ? 'fault' : 'needs attention'}
            >
              {problem.severity === 'bad' ? '✕' : '!'}{' '}
              <PlaceLink to={getRowsPlace({ view, problem })} className={styles.problemLink}>
                {problem.code}
              </PlaceLink>
            </span>
            <PlaceLink
              to={places.appliance(view.entry.name)}
              className={`${textStyles.mono} ${textStyles.sub} ${textStyles.clip} ${styles.problemLink}`}
            >
              {view.entry.name}
            </PlaceLink>
            <PlaceLink
              to={getPlace({ view, problem })}
              className={`${textStyles.clip} ${styles.problemLink}`}
            >
              <MomentText text={problem.text} />
            </PlaceLink>
            <Age observedAt={view.observedAt} />
          </li>
        ))}
      </ul>
      {found.length > maxShown ? <p className={textStyles.sub}>and {found.length - maxShown} more</p> : null}
    </Card>
  );
}

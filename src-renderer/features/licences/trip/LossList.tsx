import type { TripLoss, TripView } from '../../../../src-shared/model/licence/trip.ts';
import { isConfigurationChange } from '../../../../src-shared/model/licence/compareLicences.ts';
import { places } from '../../../state/places.ts';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { copyMachineText } from '../../../ui/text/copy.ts';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { BothTimes } from './BothTimes.tsx';
import { formatShortMoment } from './tripLabels.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The tunnels that are listed; a licence may stop thousands. */
const maxListed = 50;

function ownersNote(view: TripView, loss: TripLoss): string {
  const lines = loss.tunnels.map(({ clientId, port, target }) => `- ${clientId}, port ${port}: ${target}`);
  return [
    `The licence of ${view.trip.applianceName} is renewed. ${loss.sentence}.`,
    ...(lines.length === 0 ? [] : ['Tunnels:', ...lines]),
  ].join('\n');
}

/** Each loss with the tunnels that it touches. Each is acknowledged separately. */
export function LossList({
  view,
  isOpen,
  onAcknowledge,
}: {
  view: TripView;
  isOpen: boolean;
  onAcknowledge: (loss: string, isAcknowledged: boolean) => void;
}) {
  if (view.losses.length === 0) return null;
  return (
    <section className={styles.losses} aria-label="Acknowledge each loss">
      <h3>Acknowledge each loss</h3>
      {view.losses.map((loss) => (
        <article key={loss.id} className={styles.loss} aria-label={loss.sentence}>
          <b className={styles.lossHead}>
            <BothTimes text={loss.sentence} />
          </b>
          {loss.tunnels.length === 0 ? null : (
            <ul className={styles.lossTunnels}>
              {loss.tunnels.slice(0, maxListed).map((tunnel) => (
                <li key={`${tunnel.clientId} ${tunnel.port}`}>
                  <PlaceLink to={places.tenant(view.trip.applianceName, tunnel.clientId, tunnel.port)}>
                    {tunnel.clientId} {tunnel.port}
                  </PlaceLink>
                  <MachineText text={tunnel.target} />
                  <span className={textStyles.sub}>{tunnel.state}</span>
                </li>
              ))}
              {loss.tunnels.length > maxListed ? (
                <li className={textStyles.sub}>and {loss.tunnels.length - maxListed} more</li>
              ) : null}
            </ul>
          )}
          <div className={`${layout.row} ${styles.lossEnd}`}>
            <fieldset disabled={!isOpen} className={layout.grow}>
              <CheckField
                label={
                  isConfigurationChange(loss)
                    ? 'This change of the configuration is intended.'
                    : loss.tunnels.length === 0
                      ? `We can do without: ${loss.field.toLowerCase()} ${loss.difference}`
                      : `The owners of ${loss.tunnels.length === 1 ? 'this tunnel' : `these ${loss.tunnels.length} tunnels`} know, or agree to lose ${loss.tunnels.length === 1 ? 'it' : 'them'}.`
                }
                checked={loss.acknowledged !== null}
                onChange={(isAcknowledged) => onAcknowledge(loss.id, isAcknowledged)}
              />
            </fieldset>
            {loss.acknowledged === null ? null : (
              <span className={textStyles.sub}>
                {loss.acknowledged.by}, {formatShortMoment(loss.acknowledged.at)}
              </span>
            )}
            {loss.tunnels.length === 0 ? null : (
              <Button small onClick={() => copyMachineText(ownersNote(view, loss), 'Note to owners copied')}>
                Copy note to owners
              </Button>
            )}
          </div>
        </article>
      ))}
    </section>
  );
}

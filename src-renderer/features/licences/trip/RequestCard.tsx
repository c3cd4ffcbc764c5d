import { useState } from 'react';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { MachineBlock, MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocalMinute, formatUtcMinute } from '../labels.ts';
import { describeClock, shorten } from './tripLabels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

function formatBoth(instant: string | null): string {
  return instant === null ? 'none' : `${formatUtcMinute(instant)} (${formatLocalMinute(instant)} local)`;
}

function requestFields(view: TripView): readonly { name: string; value: string; why: string }[] {
  const { trip, requestPayload: request, name } = view;
  const { licence, usage } = request;
  const allowed = trip.installed.entitlements?.accounts;
  const accounts =
    usage.accounts === null
      ? 'not counted by this kit'
      : `${usage.accounts.toLocaleString('en-US')}${allowed == null ? '' : ` of ${allowed.toLocaleString('en-US')}`}`;
  return [
    {
      name: 'Appliance',
      value: `${trip.applianceName} · identity ${shorten(request.applianceId)}`,
      why: 'who asks',
    },
    { name: 'Request, nonce', value: `${name} · ${shorten(request.nonce)}`, why: 'ties the answer to it' },
    {
      name: 'Installed licence',
      value: `${licence.state}, ${licence.key ?? 'no key'}${licence.sequence === null ? '' : `, sequence ${licence.sequence}`}`,
      why: 'key masked, number sent',
    },
    { name: 'Expires', value: formatBoth(licence.expiresAt), why: 'so that the answer lasts longer' },
    { name: 'Grace ends', value: formatBoth(licence.graceEndsAt), why: 'how urgent it is' },
    {
      name: 'Versions',
      value: `appliance ${request.applianceVersion} · configuration revision ${request.configurationRevision}`,
      why: 'so that the answer fits',
    },
    { name: 'Accounts in use', value: accounts, why: 'a total only' },
    { name: 'Connectors in use', value: usage.connectors.join(' ') || 'none', why: 'names only' },
    {
      name: 'Clock',
      value: formatInstant(request.madeAt),
      why:
        request.clockRanBackFrom === null
          ? describeClock(view.clockDifferenceMs)
          : `ran backwards from ${formatInstant(request.clockRanBackFrom)}`,
    },
    {
      name: 'Signature',
      value: `Ed25519, public key ${shorten(request.publicKey)}`,
      why: `proves that ${trip.applianceName} made it`,
    },
  ];
}

/** What is in a request, field by field with the reason, and what is not. */
export function RequestCard({ view }: { view: TripView }) {
  const [isJsonShown, setIsJsonShown] = useState(false);
  return (
    <Card
      title="What is in the request"
      label="What is in the request"
      aside={
        <span className={layout.row}>
          <span className={feedback.chip}>signed by {view.trip.applianceName}</span>
          <Button small kind="quiet" onClick={() => setIsJsonShown(!isJsonShown)}>
            {isJsonShown ? 'Show as table' : 'Show as JSON'}
          </Button>
        </span>
      }
    >
      {isJsonShown ? (
        <MachineBlock text={JSON.stringify(view.requestPayload, null, 2)} label="Request as JSON" />
      ) : (
        <table className={styles.fields}>
          <thead className={layout.srOnly}>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {requestFields(view).map(({ name, value, why }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <MachineText text={value} />
                </td>
                <td className={textStyles.sub}>{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={styles.notInIt}>
        <b>Not in it:</b> account names, tenant names, addresses, host name, secrets, log lines.
      </p>
    </Card>
  );
}

import { Fragment } from 'react';
import type { Trust } from '../../../src-shared/model/trust/trust.ts';
import { nameAlgorithms, postQuantumTexts } from '../../../src-shared/model/trust/linkSecurity.ts';
import { places } from '../../state/places.ts';
import { Moment } from '../../ui/feedback/Moment.tsx';
import { ToneWord } from '../../ui/feedback/Tone.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { MachineValue, Note, Row, Rows } from './Rows.tsx';
import text from '../../ui/text/text.module.css';

type Appliance = Trust['appliances'][number];
type Hop = Appliance['hops'][number];

function ApplianceLink({ name }: { name: string }) {
  return <PlaceLink to={places.appliance(name)}>{name}</PlaceLink>;
}

/** The accepted host key of each appliance and jump host, and when and how it was accepted. */
export function HostKeysCard({ appliances }: { appliances: readonly Appliance[] }) {
  return (
    <Card title="Host keys" label="Host keys">
      <Note>A connection to a host with another key than the accepted one is refused.</Note>
      {appliances.length === 0 ? <p className={text.sub}>No appliances yet.</p> : null}
      <Rows label="Accepted host keys">
        {appliances.map(({ hops, name }) => (
          <Row key={name} name={<ApplianceLink name={name} />}>
            {hops.map((hop) => (
              <HopKey key={hop.hop} hop={hop} />
            ))}
          </Row>
        ))}
      </Rows>
    </Card>
  );
}

function HopKey({ hop: { hop, isJumpHost, key } }: { hop: Hop }) {
  const at = isJumpHost ? `jump host ${hop}` : hop;
  if (key === null)
    return (
      <span>
        <MachineValue>{at}</MachineValue>: no key accepted yet
      </span>
    );
  return (
    <>
      <MachineValue>{`${key.type} ${key.fingerprint}`}</MachineValue>
      <span className={text.sub}>
        {at} · accepted <Moment at={key.acceptedAt} /> by {key.acceptedBy} ·{' '}
        {key.how ?? 'how was not found in the newest audit records'}
      </span>
    </>
  );
}

/** The algorithms of each open link with a plain judgement. */
export function LinksCard({ appliances, seenAt }: { appliances: readonly Appliance[]; seenAt: string }) {
  const open = appliances.flatMap(({ link, name }) => (link === null ? [] : [{ link, name }]));
  const closed = appliances.length - open.length;
  return (
    <Card title="Algorithms of open links" label="Algorithms of open links">
      <Note>
        The values are those of the appliance’s own connection. Of jump hosts, only weak algorithms are
        listed.
        {closed === 0 ? '' : ` Not seen, because there is no link: ${closed} of ${appliances.length}.`}
      </Note>
      <Rows label="Open links">
        {open.map(({ link, name }) => (
          <Row key={name} name={<ApplianceLink name={name} />}>
            <ToneWord tone={link.tone} observedAt={seenAt}>
              {link.judgement}
            </ToneWord>
            <span>
              {nameAlgorithms(link).map(([label, value], at) => (
                <Fragment key={label}>
                  <span className={text.sub}>
                    {at === 0 ? '' : ' · '}
                    {label}{' '}
                  </span>
                  <MachineValue>{value}</MachineValue>
                </Fragment>
              ))}
            </span>
            <span className={text.sub}>
              post-quantum key exchange: {postQuantumTexts[link.postQuantum].word}
              {link.offeredPostQuantum === null || link.offeredPostQuantum.length === 0 ? null : (
                <>
                  {' '}
                  (<MachineValue>{link.offeredPostQuantum.join(', ')}</MachineValue>)
                </>
              )}
            </span>
            <span>
              <span className={text.sub}>server software </span>
              <MachineValue>{link.serverSoftware}</MachineValue>
            </span>
          </Row>
        ))}
      </Rows>
    </Card>
  );
}

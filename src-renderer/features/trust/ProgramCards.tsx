import { useState } from 'react';
import type { Trust } from '../../../src-shared/model/trust/trust.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Moment } from '../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card, Facts } from '../../ui/layout/Card.tsx';
import { useNotices } from './queries.ts';
import { MachineValue, Note, Row, Rows } from './Rows.tsx';
import styles from './trust.module.css';

/** Where secrets are kept. */
export function SecretsCard({ secrets }: Pick<Trust, 'secrets'>) {
  return (
    <Card title="Secrets" label="Secrets">
      <Rows label="Where secrets are kept">
        {secrets.map(({ kept, what }) => (
          <Row key={what} name={what}>
            {kept}
          </Row>
        ))}
      </Rows>
    </Card>
  );
}

/** The fuses that the desktop's build sets. */
export function FusesCard({ fuses }: Pick<Trust, 'fuses'>) {
  return (
    <Card title="Fuses" label="Fuses">
      {fuses === null ? (
        <p>
          Doesn’t apply: fuses are switches in the desktop program, and this page comes from the web host.
        </p>
      ) : (
        <>
          <Note>As the build sets them. The fuses of the running program were not read.</Note>
          <Rows label="Fuses of the desktop">
            {fuses.map(({ isOn, name, text }) => (
              <Row key={name} name={isOn ? 'on' : 'off'}>
                {text}
                <MachineValue>{name}</MachineValue>
              </Row>
            ))}
          </Rows>
        </>
      )}
    </Card>
  );
}

/** The version, the commit and the hash of the bill of materials. */
export function ProgramCard({ program }: Pick<Trust, 'program'>) {
  const { billSha256, commit, committedAt, modified, version } = program;
  return (
    <Card title="Program" label="Program">
      <Facts
        facts={[
          ['Version', version],
          ['Commit', commit === null ? 'not known' : <MachineValue key="commit">{commit}</MachineValue>],
          ['Committed', committedAt === null ? 'not known' : <Moment key="at" at={committedAt} />],
          ['Changed since', modified === null ? 'not known' : modified ? 'yes' : 'no'],
          [
            'SHA-256 of sbom.cdx.json',
            billSha256 === null ? (
              'none: this program was not built'
            ) : (
              <MachineValue key="bill">{billSha256}</MachineValue>
            ),
          ],
        ]}
      />
    </Card>
  );
}

/** The notices of third-party software, read when the user asks for them. */
export function NoticesCard() {
  const [isShown, setShown] = useState(false);
  const notices = useNotices(isShown);
  return (
    <Card title="Third-party notices" label="Third-party notices">
      <Button onClick={() => setShown(!isShown)}>{isShown ? 'Hide notices' : 'Show notices'}</Button>
      {isShown ? (
        <Loaded query={notices} skeleton={<Skeleton lines={5} />}>
          {(data) => (
            // What scrolls must be reachable by keyboard.
            <pre className={styles.notices} tabIndex={0} aria-label="Notices">
              {visibleText(data.text)}
            </pre>
          )}
        </Loaded>
      ) : null}
    </Card>
  );
}

import { useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { visibleLine, visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import type { GroupKey } from '../../../../src-shared/model/tenants/groupKeys.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { useMay } from '../../system/queries.ts';
import { useGroupKeys, useShowGroupKey } from './queries.ts';
import { RotateGroupKey } from './RotateGroupKey.tsx';
import { ShownKey } from './ShownKey.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Actions = { onShow: (group: string) => void; onRotate: (group: string) => void };

function GroupKeyRow({ groupKey, actions }: { groupKey: GroupKey; actions: Actions | null }) {
  const now = useNow();
  const { group, mask, createdAt, rotatedAt, previousUntil } = groupKey;
  const name = visibleLine(group);
  return (
    <li>
      <div className={`${layout.row} ${layout.wrap}`}>
        <span className={layout.grow}>
          <span className={textStyles.strong}>{name}</span>{' '}
          <span className={`${textStyles.mono} ${textStyles.sub}`}>{visibleText(mask)}</span>
        </span>
        {actions === null ? null : (
          <>
            <Button small label={`Show key of ${name}`} onClick={() => actions.onShow(group)}>
              Show key
            </Button>
            <Button small label={`Rotate key of ${name}`} onClick={() => actions.onRotate(group)}>
              Rotate…
            </Button>
          </>
        )}
      </div>
      <div className={textStyles.sub}>
        {rotatedAt === null ? 'created ' : 'rotated '}
        <Ago at={rotatedAt ?? createdAt} />
        {previousUntil === null || Date.parse(previousUntil) <= now
          ? null
          : `; the former key stays valid for ${formatDuration(Date.parse(previousUntil) - now)}`}
      </div>
    </li>
  );
}

/** The keys that users of the tenant's repositories present, one for each group. Never shown unasked. */
export function GroupKeysCard({ view }: { view: TenantView }) {
  const { applianceId, tenant } = view;
  const place = { applianceId, clientId: tenant.clientId };
  const query = useGroupKeys(place);
  const show = useShowGroupKey();
  const [shown, setShown] = useState<string | null>(null);
  const [rotating, setRotating] = useState<string | null>(null);
  const actions: Actions = {
    onShow: (group) => {
      setShown(group);
      show.mutate({ ...place, group });
    },
    onRotate: setRotating,
  };
  const mayUse = useMay('admin');
  const hide = (): void => {
    setShown(null);
    show.reset();
  };
  return (
    <Card title="Group keys" label="Group keys">
      <Loaded query={query} skeleton={<Skeleton lines={2} />}>
        {({ groupKeys }) =>
          groupKeys.length === 0 ? (
            <p className={textStyles.sub}>No key yet. A group gets its key when Connect announces it.</p>
          ) : (
            <PlainList>
              {groupKeys.map((one) => (
                <GroupKeyRow key={one.group} groupKey={one} actions={mayUse ? actions : null} />
              ))}
            </PlainList>
          )
        }
      </Loaded>
      <Dialog opened={shown !== null} onClose={hide} title={`Key of ${visibleLine(shown ?? '')}`}>
        {shown === null ? null : <ShownKey show={show} />}
      </Dialog>
      <Dialog
        opened={rotating !== null}
        onClose={() => setRotating(null)}
        title={`Rotate the key of ${visibleLine(rotating ?? '')}`}
      >
        {rotating === null ? null : (
          <RotateGroupKey place={{ ...place, group: rotating }} onClose={() => setRotating(null)} />
        )}
      </Dialog>
    </Card>
  );
}

import { linkSettingsSchema } from '../../../../src-shared/model/appliance/linkSettings.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { useLinkLimits, useSetLinkLimits } from '../queries.ts';
import { ForAdmins } from './ForAdmins.tsx';
import { GroupConnections } from './GroupConnections.tsx';
import { SettingsForm } from './SettingsForm.tsx';

/** How many links the console keeps, and how long one that nothing needs. */
export function LinksCard() {
  const limits = useLinkLimits();
  const save = useSetLinkLimits();
  return (
    <Card title="Connections" label="Connections">
      <Loaded query={limits} skeleton={<Skeleton lines={2} />}>
        {(data) => (
          <ForAdmins>
            <SettingsForm
              group="links"
              schema={linkSettingsSchema}
              settings={data.limits}
              saving={save}
              onSave={(changed) => save.mutate({ limits: changed })}
              intro="An appliance that connects on demand is connected while its page, a command, a log rule or a stream needs it. If all links are taken, the one unused for longest is closed, or the new one waits."
              note={`${data.taken} connected or connecting now, ${data.waiting} waiting for a free link.`}
            />
            <GroupConnections />
          </ForAdmins>
        )}
      </Loaded>
    </Card>
  );
}

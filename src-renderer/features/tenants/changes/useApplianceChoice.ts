import { useState } from 'react';
import { useAppliances } from '../../fleet/queries.ts';

/**
 * The appliance to change: `wanted` or the first that can be changed now, until the user selects another one.
 */
export function useApplianceChoice(wanted: string | null) {
  const appliances = useAppliances();
  const first =
    appliances.find(({ link, entry }) => link.state === 'connected' && !entry.locked) ??
    appliances.find(({ entry }) => !entry.locked);
  const options = appliances.map((view) => ({
    value: view.entry.id,
    label: `${view.entry.name}${view.link.state === 'connected' ? '' : ' (not connected)'}${view.entry.locked ? ' (read-only: an admin can unlock it)' : ''}`,
    disabled: view.entry.locked,
  }));
  const [chosen, choose] = useState(wanted ?? '');
  // The default stays once it is known, because an appliance that reconnects must not become the target.
  const usual = first?.entry.id ?? '';
  if (chosen === '' && usual !== '') choose(usual);
  return { options, applianceId: chosen === '' ? usual : chosen, choose };
}

import { bracketedHost } from '../../../../src-shared/model/appliance/address.ts';
import { useAppliances } from '../../fleet/queries.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The addresses of the appliance and of its cluster members, each once, the appliance's own first. */
function useKnownAddresses(applianceId: string): string[] {
  const entries = useAppliances().map(({ entry }) => entry);
  const own = entries.find(({ id }) => id === applianceId);
  if (own === undefined) return [];
  const members = own.cluster === '' ? [] : entries.filter(({ cluster }) => cluster === own.cluster);
  return [...new Set([own, ...members].map(({ target }) => `${bracketedHost(target.host)}:${target.port}`))];
}

/** The address that the site uses. The console's own addresses are offered, because they often are the same. */
export function AddressField({
  applianceId,
  label,
  value,
  onChange,
}: {
  applianceId: string;
  label: string;
  value: string;
  onChange: (address: string) => void;
}) {
  const known = useKnownAddresses(applianceId);
  return (
    <div>
      <TextField
        label={label}
        value={value}
        onChange={onChange}
        placeholder="appliance.example.com:22"
        description="Public name or address of the appliance or its load balancer, with its SSH port."
        machine
        hasInitialFocus
      />
      {known.length === 0 ? null : (
        <div className={`${layout.row} ${layout.wrap} ${layout.tightRow}`}>
          <span className={textStyles.sub}>This console uses</span>
          {known.map((address) => (
            <Button key={address} small onClick={() => onChange(address)}>
              {address}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

import { useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { HandOverDialog } from './HandOverDialog.tsx';

/** For a tenant's panel: makes the files that its site needs. */
export function HandOverButton(tenant: { applianceId: string; applianceName: string; clientId: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Hand-over pack…</Button>
      {isOpen ? <HandOverDialog {...tenant} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

import { create } from 'zustand';
import type { TunnelCode } from '../../src-shared/model/tunnels/tunnelCodes.ts';

/** A dialog about appliances. `from` is the ID of the appliance to duplicate. */
export type ApplianceDialog =
  { kind: 'add'; from: string | null } | { kind: 'import' } | { kind: 'edit' | 'remove'; id: string };

/** Open dialogs and drawers. The state of the page itself is in its address, see `views.ts`. */
type ViewState = {
  applianceDialog: ApplianceDialog | null;
  showingCapacity: boolean;
  showingNotifications: boolean;
  showingKeys: boolean;
  /** The code whose help is shown. */
  codeHelp: TunnelCode | null;
};

const initial: ViewState = {
  applianceDialog: null,
  showingCapacity: false,
  showingNotifications: false,
  showingKeys: false,
  codeHelp: null,
};

export const useViewState = create<ViewState>(() => initial);

export function setView(change: Partial<ViewState>): void {
  useViewState.setState(change);
}

export function openApplianceDialog(dialog: ApplianceDialog = { kind: 'add', from: null }): void {
  setView({ applianceDialog: dialog });
}

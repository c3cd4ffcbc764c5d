import { create } from 'zustand';

export type TenantFilter = 'all' | 'attention' | 'suspended';
export type SeverityFilter = 'all' | 'warning' | 'err';

/** What the operator is looking at. Nothing that the console knows belongs here. */
type ViewState = {
  addingAppliance: boolean;
  fleetFilter: string;
  tenantFilter: TenantFilter;
  tenantText: string;
  auditText: string;
  syslogText: string;
  syslogSeverity: SeverityFilter;
  /** Appliances whose lines are followed; null until the operator chose, which means all. */
  syslogAppliances: string[] | null;
};

const initial: ViewState = {
  addingAppliance: false,
  fleetFilter: '',
  tenantFilter: 'all',
  tenantText: '',
  auditText: '',
  syslogText: '',
  syslogSeverity: 'all',
  syslogAppliances: null,
};

export const useViewState = create<ViewState>(() => initial);

export function setView(change: Partial<ViewState>): void {
  useViewState.setState(change);
}

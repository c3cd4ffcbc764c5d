import { create } from 'zustand';

export type TenantFilter = 'all' | 'attention' | 'suspended' | 'untested';
/** What the flat table is arranged by, as long as no head sorts it. */
export type TenantOrder = 'tenant' | 'attention' | 'destination';
export type SeverityFilter = 'all' | 'warning' | 'err';

/** What the operator is looking at. Nothing that the console knows belongs here. */
type ViewState = {
  addingAppliance: boolean;
  fleetFilter: string;
  tenantFilter: TenantFilter;
  tenantText: string;
  tenantOrder: TenantOrder;
  showingCapacity: boolean;
  showingNotifications: boolean;
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
  tenantOrder: 'tenant',
  showingCapacity: false,
  showingNotifications: false,
  auditText: '',
  syslogText: '',
  syslogSeverity: 'all',
  syslogAppliances: null,
};

export const useViewState = create<ViewState>(() => initial);

export function setView(change: Partial<ViewState>): void {
  useViewState.setState(change);
}

import { create } from 'zustand';

/** What stands open beside the page. What the page itself shows is in its address, see `views.ts`. */
type ViewState = {
  addingAppliance: boolean;
  showingCapacity: boolean;
  showingNotifications: boolean;
};

const initial: ViewState = {
  addingAppliance: false,
  showingCapacity: false,
  showingNotifications: false,
};

export const useViewState = create<ViewState>(() => initial);

export function setView(change: Partial<ViewState>): void {
  useViewState.setState(change);
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useConsole } from '../../../rpc/client.tsx';

type TenantRef = { applianceId: string; clientId: string };

/** The contact and the note of a tenant; null if it has neither. */
export function useTenantNote({ applianceId, clientId }: TenantRef) {
  const { queries } = useConsole();
  return useQuery(
    queries.tenants.note.queryOptions({
      input: { applianceId, clientId },
      staleTime: 1000,
    }),
  );
}

export function useSetTenantNote() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.tenants.setNote.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.tenants.note.key() }),
    }),
  );
}

/** Who messages to customers come from. */
export function useCustomerSender() {
  const { queries } = useConsole();
  return useQuery(queries.tenants.customerSender.queryOptions({ input: {}, staleTime: 1000 }));
}

export function useSetCustomerSender() {
  const { queries } = useConsole();
  const queryClient = useQueryClient();
  return useMutation(
    queries.tenants.setCustomerSender.mutationOptions({
      meta: { errorShown: 'in-place' },
      onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.tenants.customerSender.key() }),
    }),
  );
}

import { isRepositoryService, serviceByOtherName } from '../connectYaml/repositoryServices.ts';

/** The connector that a repository's URI uses, by the name that licences use, e.g. `smb`. Null if it is unknown. */
export function connectorOf(uri: string): string | null {
  const [scheme = ''] = uri.split(':', 1);
  const [name = ''] = scheme.toLowerCase().split('+', 1);
  return isRepositoryService(name) ? name : (serviceByOtherName(name)?.service ?? null);
}

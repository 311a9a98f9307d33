import { ACCOUNT_ROUTES } from './access/account-routes.ts';
import { KEY_ROUTES } from './access/key-routes.ts';
import { TOKEN_ROUTES } from './access/token-routes.ts';
import type { ApiRoute } from './api-route.ts';
import { EXPORT_ROUTES } from './exports/export-routes.ts';
import { SEPARATION_ROUTES } from './identity/separation-routes.ts';
import { IMPORT_ROUTES } from './imports/import-routes.ts';
import { PROFILE_ROUTES } from './profiles/profile-routes.ts';
import { QUARANTINE_ROUTES } from './quarantine/quarantine-routes.ts';
import { REFERENCE_API_ROUTES } from './reference/reference-routes.ts';
import { FLOW_ROUTES } from './reports/flow-routes.ts';
import { ROPO_ROUTES } from './reports/ropo-routes.ts';
import { SQL_ROUTES } from './sql/sql-routes.ts';

/** Every route of the management and reading API: the server registers this list, the OpenAPI document is made of it. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...PROFILE_ROUTES,
  ...SEPARATION_ROUTES,
  ...ROPO_ROUTES,
  ...FLOW_ROUTES,
  ...SQL_ROUTES,
  ...EXPORT_ROUTES,
  ...QUARANTINE_ROUTES,
  ...IMPORT_ROUTES,
  ...REFERENCE_API_ROUTES,
  ...KEY_ROUTES,
  ...TOKEN_ROUTES,
  ...ACCOUNT_ROUTES,
];

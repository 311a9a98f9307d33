export { ProjectedElsewhere, SnapshotDamaged } from '@filrouge/pipeline';
export { TOKEN_SCOPES, type TokenScope, VaultFault } from '@filrouge/ports';
export { Accounts, newPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './access/accounts.ts';
export {
  type AccessRooms,
  type Administrator,
  createAdministrator,
  ensureAdministrator,
  FIRST_ADMINISTRATOR,
} from './access/first-administrator.ts';
export { secretId } from './access/secret-text.ts';
export { apiDocument } from './api/openapi/document-route.ts';
export { BackupRefused } from './backup/backup-refused.ts';
export { type BackupOptions, makeBackup, planBackup } from './backup/make-backup.ts';
export type { BackupManifest } from './backup/manifest.ts';
export { planRestore, type Restored, type RestoreOptions, restoreBackup } from './backup/restore-backup.ts';
export { verifyBackup } from './backup/verify-backup.ts';
export { isEngineFault } from './compose.ts';
export { buildDeployment } from './config/build-deployment.ts';
export { ConfigError } from './config/config-error.ts';
export { defineConfig, type FilrougeConfig } from './config/config-schema.ts';
export { type Environment, ROLES, type Role, readEnvironment } from './config/environment.ts';
export { loadDeployment } from './config/load-config.ts';
export { type Offline, type OfflineOptions, openOffline } from './offline.ts';
export { type RunningServer, type StartOptions, startServer } from './start-server.ts';

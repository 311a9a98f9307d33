export { exerciseMigrations, type MigrationExample } from './exercise-migrations.ts';
export { openPostgresStores } from './postgres-stores.ts';
export { openTestPostgres, type TestPostgres } from './test-postgres.ts';
